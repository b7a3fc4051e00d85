import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Say how long ago something happened in as few characters as a list has room for.
 *
 * @param {luxon.DateTime} datetime
 * @param {number} nowMs milliseconds since the epoch
 */
export function formatAge(datetime, nowMs) {
    const age = nowMs - datetime.toMillis();
    if (age < MINUTE) {
        return _t("now");
    }
    if (age < HOUR) {
        return _t("%(minutes)s min", { minutes: Math.floor(age / MINUTE) });
    }
    if (age < DAY) {
        return _t("%(hours)s h", { hours: Math.floor(age / HOUR) });
    }
    const now = DateTime.fromMillis(nowMs);
    const withYear = datetime.year === now.year ? {} : { year: "numeric" };
    return datetime.toLocaleString({ day: "numeric", month: "short", ...withYear });
}

/**
 * @param {number} durationMs
 * @returns {string} such as "21 h 14 min"
 */
export function formatDuration(durationMs) {
    const minutes = Math.max(0, Math.floor(durationMs / MINUTE));
    if (minutes < 60) {
        return _t("%(minutes)s min", { minutes });
    }
    return _t("%(hours)s h %(minutes)s min", {
        hours: Math.floor(minutes / 60),
        minutes: minutes % 60,
    });
}

/** @param {luxon.DateTime} datetime */
export function formatMoment(datetime) {
    return datetime.toLocaleString(DateTime.DATETIME_MED);
}

/** @param {string} text */
export function countCodePoints(text) {
    return [...text].length;
}

/** @param {string} text */
export function onlyDigits(text) {
    return text.replace(/\D/g, "");
}

/**
 * @param {number} durationMs
 * @returns {string} such as "0:42"
 */
export function formatCountdown(durationMs) {
    const seconds = Math.max(0, Math.ceil(durationMs / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
