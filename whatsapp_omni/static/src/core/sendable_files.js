import { _t } from "@web/core/l10n/translation";

import { countCodePoints } from "@whatsapp_omni/core/formatting";
import { LIMITS, MEDIA, MEDIA_ALIASES, MEDIA_EXTENSIONS } from "@whatsapp_omni/core/limits";

const MEGABYTE = 1024 * 1024;
/** Several reasons may come at once, in milliseconds. */
const READING_TIME = 12_000;
const STICKER_SIDE = 512;
/** Odoo makes larger photos smaller while they are uploaded. */
const LONGEST_SIDE = 1920;

const STICKER_ONLY = _t(
    "WhatsApp takes WebP as a sticker only: 512 × 512 pixels, up to 100 kB, moving ones up to 500 kB. Save a photo as JPEG or PNG."
);
const REFUSED_TYPES = {
    image: _t("WhatsApp takes photos as JPEG or PNG: save it as one of them."),
    audio: _t("WhatsApp takes sound as MP3, M4A, AAC, AMR or Ogg Opus: save it as one of them."),
    video: _t("WhatsApp takes videos as MP4 or 3GP: save it as one of them."),
    sticker: STICKER_ONLY,
    file: _t(
        "WhatsApp takes PDF, Word, Excel, PowerPoint and plain text (.txt) as documents: save it as one of them, or send a link."
    ),
};
const REFUSED_SIZES = {
    image: (sizes) =>
        _t("The photo has %(size)s MB, WhatsApp takes up to %(limit)s MB: make it smaller.", sizes),
    audio: (sizes) =>
        _t(
            "The recording has %(size)s MB, WhatsApp takes up to %(limit)s MB: make it shorter, or send a link.",
            sizes
        ),
    video: (sizes) =>
        _t(
            "The video has %(size)s MB, WhatsApp takes up to %(limit)s MB: make it shorter or smaller, or send a link.",
            sizes
        ),
    sticker: () => STICKER_ONLY,
    file: (sizes) =>
        _t(
            "The document has %(size)s MB, WhatsApp takes up to %(limit)s MB: split it, or send a link.",
            sizes
        ),
};

/**
 * What the server would refuse as well, said before the file is uploaded.
 *
 * @param {File} file
 * @returns {Promise<string|undefined>} why WhatsApp does not take it, and what helps
 */
export async function explainRefusedFile(file) {
    const length = countCodePoints(file.name);
    if (length > LIMITS.fileName) {
        return _t(
            "The name of this file has %(length)s characters, WhatsApp takes %(limit)s: %(name)s",
            { length, limit: LIMITS.fileName, name: file.name }
        );
    }
    const reason = await findReason(file);
    return reason && _t("%(file)s: %(reason)s", { file: file.name, reason });
}

/**
 * @param {Iterable<File>} files that were chosen
 * @param {{add: Function}} notification tells what becomes of the others
 * @returns {Promise<File[]>} those that WhatsApp takes
 */
export async function keepSendable(files, notification) {
    const kept = [];
    for (const file of files) {
        const refusal = await explainRefusedFile(file);
        if (refusal) {
            notification.add(refusal, { autocloseDelay: READING_TIME, type: "danger" });
        } else {
            kept.push(file);
        }
    }
    return kept;
}

async function findReason(file) {
    if (!file.size) {
        return _t("The file is empty.");
    }
    const type = bareType(file);
    const kind = kindOfType(type);
    const { size: limit, types } = MEDIA[kind];
    if (!types.includes(type) || !(await isPlayable(file, kind, type))) {
        return REFUSED_TYPES[kind];
    }
    if (file.size > limit && !(kind === "image" && (await isMadeSmaller(file)))) {
        return REFUSED_SIZES[kind]({ size: megabytes(file.size), limit: megabytes(limit) });
    }
    return undefined;
}

function bareType({ name, type }) {
    const told = type.split(";")[0].trim().toLowerCase();
    const known = MEDIA_ALIASES[told] ?? told;
    if (known && known !== "application/octet-stream") {
        return known;
    }
    return MEDIA_EXTENSIONS[name.split(".").pop().toLowerCase()] ?? known;
}

/** @returns {string} of a type that nothing takes, the kind that comes nearest */
function kindOfType(type) {
    const found = Object.keys(MEDIA).find((kind) => MEDIA[kind].types.includes(type));
    const [family] = type.split("/");
    return found ?? (family in MEDIA ? family : "file");
}

/** Whether the content keeps what the type promises. */
async function isPlayable(file, kind, type) {
    if (type === "audio/ogg") {
        return (await file.slice(0, 64).text()).includes("OpusHead");
    }
    if (kind === "sticker") {
        const { height, width } = await measure(file);
        return width === STICKER_SIDE && height === STICKER_SIDE;
    }
    return true;
}

async function isMadeSmaller(photo) {
    const { height, width } = await measure(photo);
    return Math.max(height, width) > LONGEST_SIDE;
}

/** @returns {Promise<{height: number, width: number}>} zeros where it is no picture */
async function measure(file) {
    try {
        const picture = await createImageBitmap(file);
        const { height, width } = picture;
        picture.close();
        return { height, width };
    } catch {
        return { height: 0, width: 0 };
    }
}

/** Rounded up, so that no excess is shown as the limit. */
const megabytes = (size) => Math.ceil((size * 100) / MEGABYTE) / 100;
