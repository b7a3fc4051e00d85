/**
 * WhatsApp's limits, for what can be said before the server is asked, which knows them
 * as well. Lengths are counted in code points.
 */
export const LIMITS = {
    text: 4096,
    question: 1024,
    header: 60,
    footer: 60,
    opener: 20,
    buttons: 3,
    buttonTitle: 20,
    rows: 10,
    rowTitle: 24,
    rowDescription: 72,
    fileName: 240,
};

/** What goes out as more than a document, and how large anything may be, in bytes. */
export const MEDIA = {
    image: { types: ["image/jpeg", "image/png"], size: 5242880 },
    audio: {
        types: ["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"],
        size: 16777216,
    },
    video: { types: ["video/mp4", "video/3gpp"], size: 16777216 },
    file: { types: [], size: 104857600 },
};
