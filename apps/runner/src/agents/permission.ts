import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';

/**
 * Nobody sits in front of an agent, so a question for permission is answered by rule: the town's own tools are allowed, everything else that the role's
 * permissions did not settle is refused.
 */
export function answerPermission(request: RequestPermissionRequest): RequestPermissionResponse {
  const ours = /^(gt_|mcp__gt__)/.test(request.toolCall.title ?? '');
  const wanted = ours ? 'allow_once' : 'reject_once';
  const option = request.options.find((candidate) => candidate.kind === wanted);
  return { outcome: option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.optionId } };
}
