/** Our own address towards a far one, by the routes as they are. null: there is no route. Sends nothing. */
export type FindSourceAddress = (towards: string) => Promise<string | null>;
