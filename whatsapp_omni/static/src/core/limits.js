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

/** What WhatsApp takes as what, and how large, in bytes; a `file` is a document. */
export const MEDIA = {
    image: { types: ["image/jpeg", "image/png"], size: 5242880 },
    audio: {
        types: ["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"],
        size: 16777216,
    },
    video: { types: ["video/mp4", "video/3gpp"], size: 16777216 },
    sticker: { types: ["image/webp"], size: 512000 },
    file: {
        types: [
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
        size: 104857600,
    },
};

/** Other names of the types above. */
export const MEDIA_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "audio/x-aac": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/vnd.dlna.adts": "audio/aac",
    "application/ogg": "audio/ogg",
    "audio/3gpp": "video/3gpp",
};

/** For files of which the browser does not know the type. */
export const MEDIA_EXTENSIONS = {
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    png: "image/png",
    webp: "image/webp",
    mp3: "audio/mpeg",
    m4a: "audio/mp4",
    aac: "audio/aac",
    amr: "audio/amr",
    ogg: "audio/ogg",
    opus: "audio/ogg",
    mp4: "video/mp4",
    "3gp": "video/3gpp",
    txt: "text/plain",
    pdf: "application/pdf",
    doc: "application/msword",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xls: "application/vnd.ms-excel",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ppt: "application/vnd.ms-powerpoint",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};
