import { Record } from "@mail/core/common/record";

export class Queue extends Record {
    static _name = "whatsapp_omni.queue";
    static id = "id";

    /** @type {number} */
    id;
    /** @type {string} */
    name;
    /** @type {boolean} whether agents may read a conversation before they take it */
    allow_peek;
    /** @type {number} who waits longer stands out; 0: nobody does */
    answer_minutes;
    /** @type {"0"|"1"|"2"|"3"} what has a higher one comes first */
    priority = "0";
}

Queue.register();
