import { readFileSync } from 'node:fs';
import type { Role } from '@gastown/protocol';
import { fillSlots } from './slots.ts';
import type { ToolNaming } from './slots.ts';

/** The text of a role: the same for every run, so that one agent process can serve many (AG-8). */
export const rolePrompt = (role: Role, toolName: ToolNaming): string =>
  fillSlots(readFileSync(new URL(`roles/${role}.md`, import.meta.url), 'utf8'), toolName).trim();
