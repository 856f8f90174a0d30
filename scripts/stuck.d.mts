export declare function reporting(directory: string): readonly string[];
export declare function endStuck(parent: number, directory: string): Promise<readonly string[]>;
