/*
 * Starts the parts of the page, each in its place. Each listens to the store, and knows the others
 * only where it must.
 */
import { start as picture } from "./picture.js";
import { start as top } from "./top.js";
import { start as filters } from "./filters.js";
import { start as bits } from "./bits.js";
import { start as time } from "./time.js";
import { start as prompt } from "./prompt.js";
import { start as predict } from "./predict.js";
import { start as races } from "./races.js";
import { start as file } from "./file.js";
import { start as share } from "./share.js";
import { start as keys } from "./keys.js";

const place = id => document.getElementById(id);

top(place("top"));
picture(place("picture"));
filters(place("tools"));
bits(place("bits"));
time(place("time"));
prompt(place("prompt"));
predict(place("predict"));
races(place("races"));
file(place("file"));
share(place("menu"));
keys(place("menu"));
