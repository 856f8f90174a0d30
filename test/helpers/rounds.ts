/** How often something is tried: the usual number, or `THOROUGH` times as many (`THOROUGH=5 npm test`). */
export const rounds = (usual: number): number => usual * Number(process.env.THOROUGH ?? 1);
