import { z } from 'zod';

/** What the launcher tells the rehearsal servers. Port 0 takes a free one, where no port that lasts was found. */
export const ServerSettings = z.object({
  folder: z.string(),
  modelPort: z.number().int(),
  gitPort: z.number().int(),
  modelKey: z.string(),
  gitToken: z.string(),
});
export type ServerSettings = z.infer<typeof ServerSettings>;

export const ServerReady = z.object({
  modelUrl: z.url(),
  modelPort: z.number().int(),
  gitPort: z.number().int(),
  suggestions: z.array(z.string()),
  sample: z.object({ name: z.string(), gitUrl: z.url(), gates: z.array(z.string()), token: z.string() }),
});
export type ServerReady = z.infer<typeof ServerReady>;

/** What a demo remembers, so that the addresses that its towns stored stay valid. */
export const DemoMemory = ServerSettings.omit({ folder: true });
export type DemoMemory = z.infer<typeof DemoMemory>;
