/** Thrown by the readers of bodies for what they do not understand; the message ends "its body is not followed: ...". */
export class Opaque extends Error {}
