const NUMBER = String.raw`(-?\d{1,3}(?:\.\d+)?)`;
const PAIR = String.raw`${NUMBER}\s*(?:,|%2C)\s*${NUMBER}`;
/** Places of coordinates in the addresses of maps, what is most exact first. */
const PATTERNS = [
    new RegExp(`!3d${NUMBER}!4d${NUMBER}`, "i"),
    new RegExp(`[?&](?:q|query|ll|sll|destination|daddr|center|cp|markers)=(?:loc:)?${PAIR}`, "i"),
    new RegExp(`[?&]mlat=${NUMBER}&(?:amp;)?mlon=${NUMBER}`, "i"),
    new RegExp(`@${PAIR}`),
    new RegExp(`#map=[\\d.]+/${NUMBER}/${NUMBER}`, "i"),
    new RegExp(`^geo:${PAIR}`, "i"),
    new RegExp(`^[^\\d-]{0,3}${PAIR}[^\\d]{0,3}$`),
];
/** "40,4168; -3,7038", as much of the world writes decimals. */
const DECIMAL_COMMAS = /^\s*(-?\d{1,3}),(\d+)\s*[;\s]\s*(-?\d{1,3}),(\d+)\s*$/;
const SHORT_LINK = /^https?:\/\/(?:maps\.app\.goo\.gl|goo\.gl\/maps)\//i;

/** @returns {boolean} whether a place has these coordinates */
export function isOnEarth({ latitude, longitude }) {
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** @param {string} text */
export function isShortLink(text) {
    return SHORT_LINK.test(text.trim());
}

/**
 * Read the coordinates that somebody copied from a map: two numbers, or its address.
 *
 * @param {string} text
 * @returns {{latitude: number, longitude: number}|undefined}
 */
export function parseCoordinates(text) {
    const trimmed = text.trim().replace(DECIMAL_COMMAS, "$1.$2,$3.$4");
    for (const pattern of PATTERNS) {
        const found = pattern.exec(trimmed);
        if (found) {
            const place = { latitude: Number(found[1]), longitude: Number(found[2]) };
            if (isOnEarth(place)) {
                return place;
            }
        }
    }
    return undefined;
}
