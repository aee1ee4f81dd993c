#!/usr/bin/env node
import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 117:
/***/ ((__unused_webpack_module, exports, __nccwpck_require__) => {


function __export(m) {
    for (var p in m) if (!exports.hasOwnProperty(p)) exports[p] = m[p];
}
Object.defineProperty(exports, "__esModule", ({ value: true }));
__export(__nccwpck_require__(972));
//# sourceMappingURL=index.js.map

/***/ }),

/***/ 972:
/***/ (function(__unused_webpack_module, exports, __nccwpck_require__) {


var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", ({ value: true }));
const fs_1 = __nccwpck_require__(896);
const debug_1 = __importDefault(__nccwpck_require__(830));
const log = debug_1.default('@kwsites/file-exists');
function check(path, isFile, isDirectory) {
    log(`checking %s`, path);
    try {
        const stat = fs_1.statSync(path);
        if (stat.isFile() && isFile) {
            log(`[OK] path represents a file`);
            return true;
        }
        if (stat.isDirectory() && isDirectory) {
            log(`[OK] path represents a directory`);
            return true;
        }
        log(`[FAIL] path represents something other than a file or directory`);
        return false;
    }
    catch (e) {
        if (e.code === 'ENOENT') {
            log(`[FAIL] path is not accessible: %o`, e);
            return false;
        }
        log(`[FATAL] %o`, e);
        throw e;
    }
}
/**
 * Synchronous validation of a path existing either as a file or as a directory.
 *
 * @param {string} path The path to check
 * @param {number} type One or both of the exported numeric constants
 */
function exists(path, type = exports.READABLE) {
    return check(path, (type & exports.FILE) > 0, (type & exports.FOLDER) > 0);
}
exports.exists = exists;
/**
 * Constant representing a file
 */
exports.FILE = 1;
/**
 * Constant representing a folder
 */
exports.FOLDER = 2;
/**
 * Constant representing either a file or a folder
 */
exports.READABLE = exports.FILE + exports.FOLDER;
//# sourceMappingURL=index.js.map

/***/ }),

/***/ 997:
/***/ ((__unused_webpack_module, exports) => {

var __webpack_unused_export__;

__webpack_unused_export__ = ({ value: true });
exports.ud = exports.yX = void 0;
/**
 * Creates a new `DeferredPromise`
 *
 * ```typescript
 import {deferred} from '@kwsites/promise-deferred`;
 ```
 */
function deferred() {
    let done;
    let fail;
    let status = 'pending';
    const promise = new Promise((_done, _fail) => {
        done = _done;
        fail = _fail;
    });
    return {
        promise,
        done(result) {
            if (status === 'pending') {
                status = 'resolved';
                done(result);
            }
        },
        fail(error) {
            if (status === 'pending') {
                status = 'rejected';
                fail(error);
            }
        },
        get fulfilled() {
            return status !== 'pending';
        },
        get status() {
            return status;
        },
    };
}
exports.yX = deferred;
/**
 * Alias of the exported `deferred` function, to help consumers wanting to use `deferred` as the
 * local variable name rather than the factory import name, without needing to rename on import.
 *
 * ```typescript
 import {createDeferred} from '@kwsites/promise-deferred`;
 ```
 */
exports.ud = deferred;
/**
 * Default export allows use as:
 *
 * ```typescript
 import deferred from '@kwsites/promise-deferred`;
 ```
 */
__webpack_unused_export__ = deferred;
//# sourceMappingURL=index.js.map

/***/ }),

/***/ 110:
/***/ ((module, exports, __nccwpck_require__) => {

/* eslint-env browser */

/**
 * This is the web browser implementation of `debug()`.
 */

exports.formatArgs = formatArgs;
exports.save = save;
exports.load = load;
exports.useColors = useColors;
exports.storage = localstorage();
exports.destroy = (() => {
	let warned = false;

	return () => {
		if (!warned) {
			warned = true;
			console.warn('Instance method `debug.destroy()` is deprecated and no longer does anything. It will be removed in the next major version of `debug`.');
		}
	};
})();

/**
 * Colors.
 */

exports.colors = [
	'#0000CC',
	'#0000FF',
	'#0033CC',
	'#0033FF',
	'#0066CC',
	'#0066FF',
	'#0099CC',
	'#0099FF',
	'#00CC00',
	'#00CC33',
	'#00CC66',
	'#00CC99',
	'#00CCCC',
	'#00CCFF',
	'#3300CC',
	'#3300FF',
	'#3333CC',
	'#3333FF',
	'#3366CC',
	'#3366FF',
	'#3399CC',
	'#3399FF',
	'#33CC00',
	'#33CC33',
	'#33CC66',
	'#33CC99',
	'#33CCCC',
	'#33CCFF',
	'#6600CC',
	'#6600FF',
	'#6633CC',
	'#6633FF',
	'#66CC00',
	'#66CC33',
	'#9900CC',
	'#9900FF',
	'#9933CC',
	'#9933FF',
	'#99CC00',
	'#99CC33',
	'#CC0000',
	'#CC0033',
	'#CC0066',
	'#CC0099',
	'#CC00CC',
	'#CC00FF',
	'#CC3300',
	'#CC3333',
	'#CC3366',
	'#CC3399',
	'#CC33CC',
	'#CC33FF',
	'#CC6600',
	'#CC6633',
	'#CC9900',
	'#CC9933',
	'#CCCC00',
	'#CCCC33',
	'#FF0000',
	'#FF0033',
	'#FF0066',
	'#FF0099',
	'#FF00CC',
	'#FF00FF',
	'#FF3300',
	'#FF3333',
	'#FF3366',
	'#FF3399',
	'#FF33CC',
	'#FF33FF',
	'#FF6600',
	'#FF6633',
	'#FF9900',
	'#FF9933',
	'#FFCC00',
	'#FFCC33'
];

/**
 * Currently only WebKit-based Web Inspectors, Firefox >= v31,
 * and the Firebug extension (any Firefox version) are known
 * to support "%c" CSS customizations.
 *
 * TODO: add a `localStorage` variable to explicitly enable/disable colors
 */

// eslint-disable-next-line complexity
function useColors() {
	// NB: In an Electron preload script, document will be defined but not fully
	// initialized. Since we know we're in Chrome, we'll just detect this case
	// explicitly
	if (typeof window !== 'undefined' && window.process && (window.process.type === 'renderer' || window.process.__nwjs)) {
		return true;
	}

	// Internet Explorer and Edge do not support colors.
	if (typeof navigator !== 'undefined' && navigator.userAgent && navigator.userAgent.toLowerCase().match(/(edge|trident)\/(\d+)/)) {
		return false;
	}

	let m;

	// Is webkit? http://stackoverflow.com/a/16459606/376773
	// document is undefined in react-native: https://github.com/facebook/react-native/pull/1632
	// eslint-disable-next-line no-return-assign
	return (typeof document !== 'undefined' && document.documentElement && document.documentElement.style && document.documentElement.style.WebkitAppearance) ||
		// Is firebug? http://stackoverflow.com/a/398120/376773
		(typeof window !== 'undefined' && window.console && (window.console.firebug || (window.console.exception && window.console.table))) ||
		// Is firefox >= v31?
		// https://developer.mozilla.org/en-US/docs/Tools/Web_Console#Styling_messages
		(typeof navigator !== 'undefined' && navigator.userAgent && (m = navigator.userAgent.toLowerCase().match(/firefox\/(\d+)/)) && parseInt(m[1], 10) >= 31) ||
		// Double check webkit in userAgent just in case we are in a worker
		(typeof navigator !== 'undefined' && navigator.userAgent && navigator.userAgent.toLowerCase().match(/applewebkit\/(\d+)/));
}

/**
 * Colorize log arguments if enabled.
 *
 * @api public
 */

function formatArgs(args) {
	args[0] = (this.useColors ? '%c' : '') +
		this.namespace +
		(this.useColors ? ' %c' : ' ') +
		args[0] +
		(this.useColors ? '%c ' : ' ') +
		'+' + module.exports.humanize(this.diff);

	if (!this.useColors) {
		return;
	}

	const c = 'color: ' + this.color;
	args.splice(1, 0, c, 'color: inherit');

	// The final "%c" is somewhat tricky, because there could be other
	// arguments passed either before or after the %c, so we need to
	// figure out the correct index to insert the CSS into
	let index = 0;
	let lastC = 0;
	args[0].replace(/%[a-zA-Z%]/g, match => {
		if (match === '%%') {
			return;
		}
		index++;
		if (match === '%c') {
			// We only are interested in the *last* %c
			// (the user may have provided their own)
			lastC = index;
		}
	});

	args.splice(lastC, 0, c);
}

/**
 * Invokes `console.debug()` when available.
 * No-op when `console.debug` is not a "function".
 * If `console.debug` is not available, falls back
 * to `console.log`.
 *
 * @api public
 */
exports.log = console.debug || console.log || (() => {});

/**
 * Save `namespaces`.
 *
 * @param {String} namespaces
 * @api private
 */
function save(namespaces) {
	try {
		if (namespaces) {
			exports.storage.setItem('debug', namespaces);
		} else {
			exports.storage.removeItem('debug');
		}
	} catch (error) {
		// Swallow
		// XXX (@Qix-) should we be logging these?
	}
}

/**
 * Load `namespaces`.
 *
 * @return {String} returns the previously persisted debug modes
 * @api private
 */
function load() {
	let r;
	try {
		r = exports.storage.getItem('debug') || exports.storage.getItem('DEBUG') ;
	} catch (error) {
		// Swallow
		// XXX (@Qix-) should we be logging these?
	}

	// If debug isn't set in LS, and we're in Electron, try to load $DEBUG
	if (!r && typeof process !== 'undefined' && 'env' in process) {
		r = process.env.DEBUG;
	}

	return r;
}

/**
 * Localstorage attempts to return the localstorage.
 *
 * This is necessary because safari throws
 * when a user disables cookies/localstorage
 * and you attempt to access it.
 *
 * @return {LocalStorage}
 * @api private
 */

function localstorage() {
	try {
		// TVMLKit (Apple TV JS Runtime) does not have a window object, just localStorage in the global context
		// The Browser also has localStorage in the global context.
		return localStorage;
	} catch (error) {
		// Swallow
		// XXX (@Qix-) should we be logging these?
	}
}

module.exports = __nccwpck_require__(897)(exports);

const {formatters} = module.exports;

/**
 * Map %j to `JSON.stringify()`, since no Web Inspectors do that by default.
 */

formatters.j = function (v) {
	try {
		return JSON.stringify(v);
	} catch (error) {
		return '[UnexpectedJSONParseError]: ' + error.message;
	}
};


/***/ }),

/***/ 897:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {


/**
 * This is the common logic for both the Node.js and web browser
 * implementations of `debug()`.
 */

function setup(env) {
	createDebug.debug = createDebug;
	createDebug.default = createDebug;
	createDebug.coerce = coerce;
	createDebug.disable = disable;
	createDebug.enable = enable;
	createDebug.enabled = enabled;
	createDebug.humanize = __nccwpck_require__(744);
	createDebug.destroy = destroy;

	Object.keys(env).forEach(key => {
		createDebug[key] = env[key];
	});

	/**
	* The currently active debug mode names, and names to skip.
	*/

	createDebug.names = [];
	createDebug.skips = [];

	/**
	* Map of special "%n" handling functions, for the debug "format" argument.
	*
	* Valid key names are a single, lower or upper-case letter, i.e. "n" and "N".
	*/
	createDebug.formatters = {};

	/**
	* Selects a color for a debug namespace
	* @param {String} namespace The namespace string for the debug instance to be colored
	* @return {Number|String} An ANSI color code for the given namespace
	* @api private
	*/
	function selectColor(namespace) {
		let hash = 0;

		for (let i = 0; i < namespace.length; i++) {
			hash = ((hash << 5) - hash) + namespace.charCodeAt(i);
			hash |= 0; // Convert to 32bit integer
		}

		return createDebug.colors[Math.abs(hash) % createDebug.colors.length];
	}
	createDebug.selectColor = selectColor;

	/**
	* Create a debugger with the given `namespace`.
	*
	* @param {String} namespace
	* @return {Function}
	* @api public
	*/
	function createDebug(namespace) {
		let prevTime;
		let enableOverride = null;
		let namespacesCache;
		let enabledCache;

		function debug(...args) {
			// Disabled?
			if (!debug.enabled) {
				return;
			}

			const self = debug;

			// Set `diff` timestamp
			const curr = Number(new Date());
			const ms = curr - (prevTime || curr);
			self.diff = ms;
			self.prev = prevTime;
			self.curr = curr;
			prevTime = curr;

			args[0] = createDebug.coerce(args[0]);

			if (typeof args[0] !== 'string') {
				// Anything else let's inspect with %O
				args.unshift('%O');
			}

			// Apply any `formatters` transformations
			let index = 0;
			args[0] = args[0].replace(/%([a-zA-Z%])/g, (match, format) => {
				// If we encounter an escaped % then don't increase the array index
				if (match === '%%') {
					return '%';
				}
				index++;
				const formatter = createDebug.formatters[format];
				if (typeof formatter === 'function') {
					const val = args[index];
					match = formatter.call(self, val);

					// Now we need to remove `args[index]` since it's inlined in the `format`
					args.splice(index, 1);
					index--;
				}
				return match;
			});

			// Apply env-specific formatting (colors, etc.)
			createDebug.formatArgs.call(self, args);

			const logFn = self.log || createDebug.log;
			logFn.apply(self, args);
		}

		debug.namespace = namespace;
		debug.useColors = createDebug.useColors();
		debug.color = createDebug.selectColor(namespace);
		debug.extend = extend;
		debug.destroy = createDebug.destroy; // XXX Temporary. Will be removed in the next major release.

		Object.defineProperty(debug, 'enabled', {
			enumerable: true,
			configurable: false,
			get: () => {
				if (enableOverride !== null) {
					return enableOverride;
				}
				if (namespacesCache !== createDebug.namespaces) {
					namespacesCache = createDebug.namespaces;
					enabledCache = createDebug.enabled(namespace);
				}

				return enabledCache;
			},
			set: v => {
				enableOverride = v;
			}
		});

		// Env-specific initialization logic for debug instances
		if (typeof createDebug.init === 'function') {
			createDebug.init(debug);
		}

		return debug;
	}

	function extend(namespace, delimiter) {
		const newDebug = createDebug(this.namespace + (typeof delimiter === 'undefined' ? ':' : delimiter) + namespace);
		newDebug.log = this.log;
		return newDebug;
	}

	/**
	* Enables a debug mode by namespaces. This can include modes
	* separated by a colon and wildcards.
	*
	* @param {String} namespaces
	* @api public
	*/
	function enable(namespaces) {
		createDebug.save(namespaces);
		createDebug.namespaces = namespaces;

		createDebug.names = [];
		createDebug.skips = [];

		const split = (typeof namespaces === 'string' ? namespaces : '')
			.trim()
			.replace(/\s+/g, ',')
			.split(',')
			.filter(Boolean);

		for (const ns of split) {
			if (ns[0] === '-') {
				createDebug.skips.push(ns.slice(1));
			} else {
				createDebug.names.push(ns);
			}
		}
	}

	/**
	 * Checks if the given string matches a namespace template, honoring
	 * asterisks as wildcards.
	 *
	 * @param {String} search
	 * @param {String} template
	 * @return {Boolean}
	 */
	function matchesTemplate(search, template) {
		let searchIndex = 0;
		let templateIndex = 0;
		let starIndex = -1;
		let matchIndex = 0;

		while (searchIndex < search.length) {
			if (templateIndex < template.length && (template[templateIndex] === search[searchIndex] || template[templateIndex] === '*')) {
				// Match character or proceed with wildcard
				if (template[templateIndex] === '*') {
					starIndex = templateIndex;
					matchIndex = searchIndex;
					templateIndex++; // Skip the '*'
				} else {
					searchIndex++;
					templateIndex++;
				}
			} else if (starIndex !== -1) { // eslint-disable-line no-negated-condition
				// Backtrack to the last '*' and try to match more characters
				templateIndex = starIndex + 1;
				matchIndex++;
				searchIndex = matchIndex;
			} else {
				return false; // No match
			}
		}

		// Handle trailing '*' in template
		while (templateIndex < template.length && template[templateIndex] === '*') {
			templateIndex++;
		}

		return templateIndex === template.length;
	}

	/**
	* Disable debug output.
	*
	* @return {String} namespaces
	* @api public
	*/
	function disable() {
		const namespaces = [
			...createDebug.names,
			...createDebug.skips.map(namespace => '-' + namespace)
		].join(',');
		createDebug.enable('');
		return namespaces;
	}

	/**
	* Returns true if the given mode name is enabled, false otherwise.
	*
	* @param {String} name
	* @return {Boolean}
	* @api public
	*/
	function enabled(name) {
		for (const skip of createDebug.skips) {
			if (matchesTemplate(name, skip)) {
				return false;
			}
		}

		for (const ns of createDebug.names) {
			if (matchesTemplate(name, ns)) {
				return true;
			}
		}

		return false;
	}

	/**
	* Coerce `val`.
	*
	* @param {Mixed} val
	* @return {Mixed}
	* @api private
	*/
	function coerce(val) {
		if (val instanceof Error) {
			return val.stack || val.message;
		}
		return val;
	}

	/**
	* XXX DO NOT USE. This is a temporary stub function.
	* XXX It WILL be removed in the next major release.
	*/
	function destroy() {
		console.warn('Instance method `debug.destroy()` is deprecated and no longer does anything. It will be removed in the next major version of `debug`.');
	}

	createDebug.enable(createDebug.load());

	return createDebug;
}

module.exports = setup;


/***/ }),

/***/ 830:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

/**
 * Detect Electron renderer / nwjs process, which is node, but we should
 * treat as a browser.
 */

if (typeof process === 'undefined' || process.type === 'renderer' || process.browser === true || process.__nwjs) {
	module.exports = __nccwpck_require__(110);
} else {
	module.exports = __nccwpck_require__(108);
}


/***/ }),

/***/ 108:
/***/ ((module, exports, __nccwpck_require__) => {

/**
 * Module dependencies.
 */

const tty = __nccwpck_require__(18);
const util = __nccwpck_require__(23);

/**
 * This is the Node.js implementation of `debug()`.
 */

exports.init = init;
exports.log = log;
exports.formatArgs = formatArgs;
exports.save = save;
exports.load = load;
exports.useColors = useColors;
exports.destroy = util.deprecate(
	() => {},
	'Instance method `debug.destroy()` is deprecated and no longer does anything. It will be removed in the next major version of `debug`.'
);

/**
 * Colors.
 */

exports.colors = [6, 2, 3, 4, 5, 1];

try {
	// Optional dependency (as in, doesn't need to be installed, NOT like optionalDependencies in package.json)
	// eslint-disable-next-line import/no-extraneous-dependencies
	const supportsColor = __nccwpck_require__(75);

	if (supportsColor && (supportsColor.stderr || supportsColor).level >= 2) {
		exports.colors = [
			20,
			21,
			26,
			27,
			32,
			33,
			38,
			39,
			40,
			41,
			42,
			43,
			44,
			45,
			56,
			57,
			62,
			63,
			68,
			69,
			74,
			75,
			76,
			77,
			78,
			79,
			80,
			81,
			92,
			93,
			98,
			99,
			112,
			113,
			128,
			129,
			134,
			135,
			148,
			149,
			160,
			161,
			162,
			163,
			164,
			165,
			166,
			167,
			168,
			169,
			170,
			171,
			172,
			173,
			178,
			179,
			184,
			185,
			196,
			197,
			198,
			199,
			200,
			201,
			202,
			203,
			204,
			205,
			206,
			207,
			208,
			209,
			214,
			215,
			220,
			221
		];
	}
} catch (error) {
	// Swallow - we only care if `supports-color` is available; it doesn't have to be.
}

/**
 * Build up the default `inspectOpts` object from the environment variables.
 *
 *   $ DEBUG_COLORS=no DEBUG_DEPTH=10 DEBUG_SHOW_HIDDEN=enabled node script.js
 */

exports.inspectOpts = Object.keys(process.env).filter(key => {
	return /^debug_/i.test(key);
}).reduce((obj, key) => {
	// Camel-case
	const prop = key
		.substring(6)
		.toLowerCase()
		.replace(/_([a-z])/g, (_, k) => {
			return k.toUpperCase();
		});

	// Coerce string value into JS value
	let val = process.env[key];
	if (/^(yes|on|true|enabled)$/i.test(val)) {
		val = true;
	} else if (/^(no|off|false|disabled)$/i.test(val)) {
		val = false;
	} else if (val === 'null') {
		val = null;
	} else {
		val = Number(val);
	}

	obj[prop] = val;
	return obj;
}, {});

/**
 * Is stdout a TTY? Colored output is enabled when `true`.
 */

function useColors() {
	return 'colors' in exports.inspectOpts ?
		Boolean(exports.inspectOpts.colors) :
		tty.isatty(process.stderr.fd);
}

/**
 * Adds ANSI color escape codes if enabled.
 *
 * @api public
 */

function formatArgs(args) {
	const {namespace: name, useColors} = this;

	if (useColors) {
		const c = this.color;
		const colorCode = '\u001B[3' + (c < 8 ? c : '8;5;' + c);
		const prefix = `  ${colorCode};1m${name} \u001B[0m`;

		args[0] = prefix + args[0].split('\n').join('\n' + prefix);
		args.push(colorCode + 'm+' + module.exports.humanize(this.diff) + '\u001B[0m');
	} else {
		args[0] = getDate() + name + ' ' + args[0];
	}
}

function getDate() {
	if (exports.inspectOpts.hideDate) {
		return '';
	}
	return new Date().toISOString() + ' ';
}

/**
 * Invokes `util.formatWithOptions()` with the specified arguments and writes to stderr.
 */

function log(...args) {
	return process.stderr.write(util.formatWithOptions(exports.inspectOpts, ...args) + '\n');
}

/**
 * Save `namespaces`.
 *
 * @param {String} namespaces
 * @api private
 */
function save(namespaces) {
	if (namespaces) {
		process.env.DEBUG = namespaces;
	} else {
		// If you set a process.env field to null or undefined, it gets cast to the
		// string 'null' or 'undefined'. Just delete instead.
		delete process.env.DEBUG;
	}
}

/**
 * Load `namespaces`.
 *
 * @return {String} returns the previously persisted debug modes
 * @api private
 */

function load() {
	return process.env.DEBUG;
}

/**
 * Init logic for `debug` instances.
 *
 * Create a new `inspectOpts` object in case `useColors` is set
 * differently for a particular `debug` instance.
 */

function init(debug) {
	debug.inspectOpts = {};

	const keys = Object.keys(exports.inspectOpts);
	for (let i = 0; i < keys.length; i++) {
		debug.inspectOpts[keys[i]] = exports.inspectOpts[keys[i]];
	}
}

module.exports = __nccwpck_require__(897)(exports);

const {formatters} = module.exports;

/**
 * Map %o to `util.inspect()`, all on a single line.
 */

formatters.o = function (v) {
	this.inspectOpts.colors = this.useColors;
	return util.inspect(v, this.inspectOpts)
		.split('\n')
		.map(str => str.trim())
		.join(' ');
};

/**
 * Map %O to `util.inspect()`, allowing multiple lines if needed.
 */

formatters.O = function (v) {
	this.inspectOpts.colors = this.useColors;
	return util.inspect(v, this.inspectOpts);
};


/***/ }),

/***/ 744:
/***/ ((module) => {

/**
 * Helpers.
 */

var s = 1000;
var m = s * 60;
var h = m * 60;
var d = h * 24;
var w = d * 7;
var y = d * 365.25;

/**
 * Parse or format the given `val`.
 *
 * Options:
 *
 *  - `long` verbose formatting [false]
 *
 * @param {String|Number} val
 * @param {Object} [options]
 * @throws {Error} throw an error if val is not a non-empty string or a number
 * @return {String|Number}
 * @api public
 */

module.exports = function (val, options) {
  options = options || {};
  var type = typeof val;
  if (type === 'string' && val.length > 0) {
    return parse(val);
  } else if (type === 'number' && isFinite(val)) {
    return options.long ? fmtLong(val) : fmtShort(val);
  }
  throw new Error(
    'val is not a non-empty string or a valid number. val=' +
      JSON.stringify(val)
  );
};

/**
 * Parse the given `str` and return milliseconds.
 *
 * @param {String} str
 * @return {Number}
 * @api private
 */

function parse(str) {
  str = String(str);
  if (str.length > 100) {
    return;
  }
  var match = /^(-?(?:\d+)?\.?\d+) *(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|years?|yrs?|y)?$/i.exec(
    str
  );
  if (!match) {
    return;
  }
  var n = parseFloat(match[1]);
  var type = (match[2] || 'ms').toLowerCase();
  switch (type) {
    case 'years':
    case 'year':
    case 'yrs':
    case 'yr':
    case 'y':
      return n * y;
    case 'weeks':
    case 'week':
    case 'w':
      return n * w;
    case 'days':
    case 'day':
    case 'd':
      return n * d;
    case 'hours':
    case 'hour':
    case 'hrs':
    case 'hr':
    case 'h':
      return n * h;
    case 'minutes':
    case 'minute':
    case 'mins':
    case 'min':
    case 'm':
      return n * m;
    case 'seconds':
    case 'second':
    case 'secs':
    case 'sec':
    case 's':
      return n * s;
    case 'milliseconds':
    case 'millisecond':
    case 'msecs':
    case 'msec':
    case 'ms':
      return n;
    default:
      return undefined;
  }
}

/**
 * Short format for `ms`.
 *
 * @param {Number} ms
 * @return {String}
 * @api private
 */

function fmtShort(ms) {
  var msAbs = Math.abs(ms);
  if (msAbs >= d) {
    return Math.round(ms / d) + 'd';
  }
  if (msAbs >= h) {
    return Math.round(ms / h) + 'h';
  }
  if (msAbs >= m) {
    return Math.round(ms / m) + 'm';
  }
  if (msAbs >= s) {
    return Math.round(ms / s) + 's';
  }
  return ms + 'ms';
}

/**
 * Long format for `ms`.
 *
 * @param {Number} ms
 * @return {String}
 * @api private
 */

function fmtLong(ms) {
  var msAbs = Math.abs(ms);
  if (msAbs >= d) {
    return plural(ms, msAbs, d, 'day');
  }
  if (msAbs >= h) {
    return plural(ms, msAbs, h, 'hour');
  }
  if (msAbs >= m) {
    return plural(ms, msAbs, m, 'minute');
  }
  if (msAbs >= s) {
    return plural(ms, msAbs, s, 'second');
  }
  return ms + ' ms';
}

/**
 * Pluralization helper.
 */

function plural(ms, msAbs, n, name) {
  var isPlural = msAbs >= n * 1.5;
  return Math.round(ms / n) + ' ' + name + (isPlural ? 's' : '');
}


/***/ }),

/***/ 423:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  z: () => (/* binding */ check),
  T: () => (/* binding */ refuse)
});

// EXTERNAL MODULE: ./src/dagster/assetKeys.ts
var assetKeys = __nccwpck_require__(540);
;// CONCATENATED MODULE: ./src/dagster/dataVersions.ts

/**
 * The rule that holds for an integration; `auto` follows what it stamps when it materializes
 * (dg-sqlmesh 0.1 the snapshot version; dg-sqlmesh 1.x and dagster-sqlmesh nothing of their own).
 *
 * @param versionOf what the change makes of a model's snapshot version
 */
function dataVersionRule(asked, { name, version }, versionOf) {
    const oldDg = version === null || version.startsWith('0.');
    const leavesItToDagster = name === 'dagster-sqlmesh' || (name === 'dg-sqlmesh' && !oldDg);
    const kind = asked === 'auto' ? (leavesItToDagster ? 'dagster' : 'snapshot') : asked;
    if (kind === 'dagster')
        return { kind };
    return { kind, versionOf: ({ models }) => together(models.map(versionOf)) };
}
/** Several models can share an asset key; any new version is one of the asset. */
function together(versions) {
    if (versions.includes('new'))
        return 'new';
    return versions.includes('unknown') ? 'unknown' : 'reused';
}
/** What a run with base stamps: one version a model, whatever it is. */
function stampedWithBase(rule) {
    return (asset) => (stamps(rule, asset) ? `base ${(0,assetKeys/* keyId */.xs)(asset.key)}` : null);
}
/**
 * What a run with head stamps. A new model gets a first version; what becomes of another one's is for
 * SQLMesh's category of the change to say. Where that is not known, a data hash that moved makes a
 * new version all the same; only of models that merely follow it stays open.
 *
 * @param unknown what becomes of a version of which that is not known
 */
function stampedWithHead(rule, base, unknown) {
    return (asset, earlier) => {
        if (!stamps(rule, asset))
            return null;
        const id = (0,assetKeys/* keyId */.xs)(asset.key);
        const moved = `head ${id}`;
        if (earlier === undefined)
            return moved;
        const version = rule.versionOf(asset);
        if (version !== 'unknown')
            return version === 'new' ? moved : earlier.dataVersion;
        const codeMoved = Boolean(asset.codeVersion) && asset.codeVersion !== base.get(id)?.codeVersion;
        return codeMoved || unknown === 'moves' ? moved : earlier.dataVersion;
    };
}
/** Assets without a model (of the user's own definitions) have no snapshot whose version they could stamp. */
function stamps(rule, asset) {
    return rule.kind === 'snapshot' && asset.models.length > 0;
}

;// CONCATENATED MODULE: ./src/dagster/assetGraph.ts

/**
 * The assets that the integration makes of a project's models, wired as ADR-0007 says
 * (`code_version` = `data_hash`; an empty one is none).
 */
function deriveAssetGraph(manifest, scheme) {
    const models = new Map(manifest.models.map((model) => [model.fqn, model]));
    const byKey = new Map();
    for (const model of manifest.models) {
        if (model.external && !scheme.declaredExternalsAreAssets)
            continue;
        const id = (0,assetKeys/* keyId */.xs)(scheme.modelKey(model));
        byKey.set(id, [...(byKey.get(id) ?? []), model]);
    }
    const graph = new Map();
    const collisions = [];
    for (const [id, sharing] of byKey) {
        const key = scheme.modelKey(sharing[0]);
        graph.set(id, assetOf(key, sharing, models, scheme));
        if (sharing.length > 1)
            collisions.push({ key, models: sharing.map((model) => model.fqn) });
    }
    addStubs(graph);
    return { graph, collisions };
}
/** Models that share a key are kept together, so that a change of any of them still shows. */
function assetOf(key, sharing, models, scheme) {
    const parents = new Map();
    for (const fqn of sharing.flatMap((model) => model.dependsOn)) {
        const parent = scheme.dependencyKey(fqn, models.get(fqn) ?? null);
        parents.set((0,assetKeys/* keyId */.xs)(parent), parent);
    }
    const versions = sharing.map((model) => model.dataHash ?? '').filter((hash) => hash !== '');
    return {
        key,
        models: sharing.map((model) => model.fqn),
        codeVersion: versions.length === 0 ? null : versions.join('+'),
        parents: [...parents.values()].sort(assetKeys/* compareKeys */.YD),
        external: false,
        neverMaterialized: sharing.every((model) => model.external),
        partitioned: false,
    };
}
const STUB = {
    models: [],
    codeVersion: null,
    parents: [],
    external: true,
    neverMaterialized: true,
    partitioned: false,
};
function addStubs(graph) {
    for (const asset of [...graph.values()]) {
        for (const key of asset.parents) {
            if (!graph.has((0,assetKeys/* keyId */.xs)(key)))
                graph.set((0,assetKeys/* keyId */.xs)(key), { ...STUB, key });
        }
    }
}
/** Ids so that every asset comes after its parents (a cycle, which Dagster refuses, is cut). */
function parentsFirst(graph) {
    const order = new Set();
    const open = new Set();
    for (const start of graph.keys()) {
        const stack = [start];
        while (stack.length > 0) {
            const id = stack.at(-1);
            const parents = graph.get(id)?.parents.map(assetKeys/* keyId */.xs) ?? [];
            const next = parents.filter((parent) => !order.has(parent) && !open.has(parent));
            open.add(id);
            if (next.length === 0 || order.has(id)) {
                order.add(id);
                stack.pop();
            }
            else {
                stack.push(...next);
            }
        }
    }
    return [...order];
}

;// CONCATENATED MODULE: ./src/dagster/definedGraph.ts

/**
 * The asset graph as Dagster itself has it, each asset linked to the SQLMesh model behind it.
 *
 * @param manifest of the same commit; null if it has no SQLMesh project
 * @param scheme of the integration; null where none is known
 */
function definedGraph({ assets }, manifest, scheme) {
    const models = linkModels(assets, manifest?.models ?? [], scheme);
    return new Map(assets.map((asset) => [(0,assetKeys/* keyId */.xs)(asset.key), definedGraph_assetOf(asset, models.get(asset))]));
}
function definedGraph_assetOf(asset, model) {
    return {
        key: asset.key,
        models: model === undefined ? [] : [model.fqn],
        // Dagster takes an empty one for none (`_get_code_version_stale_cause`).
        codeVersion: asset.codeVersion || null,
        parents: [...asset.parents].sort(assetKeys/* compareKeys */.YD),
        external: asset.external,
        // dagster-sqlmesh makes assets of declared external models, and no run materializes them.
        neverMaterialized: asset.external || model?.external === true,
        partitioned: asset.partitioned,
        partitionsTracked: asset.partitionsTracked,
        virtual: asset.virtual,
    };
}
/** Finds the model behind each asset by the first link, the surest first, that names exactly one. */
function linkModels(assets, models, scheme) {
    const found = new Map();
    for (const link of [TABLE, ...keyLinks(scheme), SUFFIX, DATA_HASH]) {
        const named = uniquelyNamed(models, link.ofModel);
        const taken = new Set(found.values());
        for (const asset of assets) {
            const model = named.get(link.ofAsset(asset) ?? '');
            if (model === undefined || found.has(asset) || !mayBe(asset, model, link))
                continue;
            if (link.sure || !taken.has(model))
                found.set(asset, model);
        }
    }
    return found;
}
function mayBe({ external, kinds }, model, { sure }) {
    const saysSqlmesh = kinds.includes('sqlmesh');
    // What another tool loads into a table that SQLMesh calls external is that tool's asset.
    if (model.external)
        return !external && saysSqlmesh;
    return !external && (sure || saysSqlmesh || kinds.length === 0);
}
/** dg-sqlmesh 1.x writes `catalog.schema.name` into the metadata of each asset. */
const TABLE = {
    sure: true,
    ofAsset: ({ tableName }) => tableName,
    ofModel: ({ catalog, schema, view }) => [catalog, schema, view].filter((part) => part).join('.'),
};
function keyLinks(scheme) {
    const ofAsset = ({ key }) => (0,assetKeys/* keyId */.xs)(key);
    const plain = {
        sure: true,
        ofAsset,
        ofModel: ({ catalog, schema, view }) => (0,assetKeys/* keyId */.xs)([catalog, schema, view]),
    };
    if (scheme === null)
        return [plain];
    return [{ sure: true, ofAsset, ofModel: (model) => (0,assetKeys/* keyId */.xs)(scheme.modelKey(model)) }, plain];
}
/** Keys of one's own making mostly end like the table. */
const SUFFIX = {
    sure: false,
    ofAsset: ({ key }) => (key.length < 2 ? null : (0,assetKeys/* keyId */.xs)(key.slice(-2))),
    ofModel: ({ schema, view, external }) => (external ? null : (0,assetKeys/* keyId */.xs)([schema, view])),
};
/** A wired asset carries its model's hash, whatever its key. */
const DATA_HASH = {
    sure: false,
    ofAsset: ({ codeVersion }) => codeVersion,
    ofModel: ({ dataHash, external }) => (external ? null : dataHash),
};
function uniquelyNamed(models, nameOf) {
    const named = new Map();
    for (const model of models) {
        const name = nameOf(model);
        if (name)
            named.set(name, named.has(name) ? null : model);
    }
    return new Map([...named].filter((entry) => entry[1] !== null));
}
/** Data hashes of a manifest's models by fqn; without those that have none. */
function dataHashes(manifest) {
    const hashed = (manifest?.models ?? []).filter(({ dataHash }) => dataHash);
    return new Map(hashed.map(({ fqn, dataHash }) => [fqn, dataHash]));
}
/**
 * - `yes`: every SQLMesh asset's code version is its model's `data_hash`
 * - `no`: none of them has a code version, so Dagster flags no change of their code
 * - `unknown`: anything else, such as versions of the user's own making
 */
function wiringOf(graph, manifest) {
    const hashes = dataHashes(manifest);
    const assets = [...graph.values()].filter(({ neverMaterialized, models }) => !neverMaterialized && hashes.has(models[0] ?? ''));
    if (assets.length === 0)
        return 'unknown';
    if (assets.every(({ codeVersion }) => codeVersion === null))
        return 'no';
    const carried = assets.every(({ codeVersion, models }) => {
        return codeVersion === hashes.get(models[0]);
    });
    return carried ? 'yes' : 'unknown';
}
/** The graph as it would be if each `data_hash` reached Dagster: it shows what changes all the same. */
function asIfWired(graph, manifest) {
    const hashes = dataHashes(manifest);
    const wired = [...graph].map(([id, asset]) => {
        const dataHash = hashes.get(asset.models[0] ?? '');
        return [id, dataHash === undefined ? asset : { ...asset, codeVersion: dataHash }];
    });
    return new Map(wired);
}

;// CONCATENATED MODULE: ./src/dagster/graphs.ts


const NONE = { graph: new Map(), collisions: [] };
/**
 * Assets by the rules of the integration, or, with definitions, Dagster's own. Where those give no
 * code version to any SQLMesh asset of head, each asset gets its model's `data_hash` all the same:
 * what changes is worth knowing although Dagster will not show it.
 *
 * @param scheme null only with definitions, where the integration is not known
 */
function assetGraphs(base, head, scheme) {
    if (base.definitions === null || head.definitions === null) {
        const derive = ({ manifest }) => manifest === null || scheme === null ? NONE : deriveAssetGraph(manifest, scheme);
        const [before, after] = [derive(base), derive(head)];
        return {
            base: before.graph,
            head: after.graph,
            collisions: [...before.collisions, ...after.collisions],
            wired: 'unknown',
        };
    }
    const before = definedGraph(base.definitions, base.manifest, scheme);
    const after = definedGraph(head.definitions, head.manifest, scheme);
    const wired = wiringOf(after, head.manifest);
    const shown = (graph, { manifest }) => wired === 'no' ? asIfWired(graph, manifest) : graph;
    return { base: shown(before, base), head: shown(after, head), collisions: [], wired };
}
/** How many assets a commit has that something materializes. */
function assetCount(graph) {
    return [...graph.values()].filter((asset) => !asset.external && !asset.neverMaterialized).length;
}
/**
 * The head's assets with the base's code version where only the load itself moved it.
 *
 * @param models fqns of those models
 */
function withSteadyVersions(graphs, models) {
    const steady = [...graphs.head].map(([id, asset]) => {
        const before = graphs.base.get(id);
        const moved = before !== undefined && asset.models.some((fqn) => models.has(fqn));
        return [id, moved ? { ...asset, codeVersion: before.codeVersion } : asset];
    });
    return { ...graphs, head: new Map(steady) };
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(598);
;// CONCATENATED MODULE: ./src/dagster/materializations.ts


/** What a run sees of a parent that never ran (Dagster's `DEFAULT_DATA_VERSION`). */
const INITIAL = 'INITIAL';
/** Whether something materializes the asset. */
function canRun(asset) {
    return !asset.external && !asset.neverMaterialized;
}
/**
 * Adds a run of one asset to the log.
 *
 * @param wave number of the round; runs of an asset without code version differ by it
 */
function materialize(asset, graph, log, wave, stamped) {
    const id = (0,assetKeys/* keyId */.xs)(asset.key);
    // An empty code version is none to Dagster, which then stamps the run's id.
    const codeVersion = asset.codeVersion || `run ${wave} of ${id}`;
    const seen = (key) => versionSeen(graph.get((0,assetKeys/* keyId */.xs)(key)), log.get((0,assetKeys/* keyId */.xs)(key)));
    const { parents, partitioned } = asset;
    const inputs = new Map(parents.map((key) => [(0,assetKeys/* keyId */.xs)(key), seen(key)]));
    const dataVersion = stamped(asset, log.get(id)) ?? logicalDataVersion(codeVersion, parents, inputs);
    log.set(id, { wave, codeVersion, parents, inputs, dataVersion, partitioned });
}
/** The version of a parent as a child's run notes it: of all its partitions, where it has some. */
function versionSeen(parent, latest) {
    if (latest === undefined)
        return INITIAL;
    if (parent?.partitioned !== true)
        return latest.dataVersion;
    return `partitions of ${latest.partitioned ? latest.dataVersion : 'nothing'}`;
}
/** Dagster's own data version (`compute_logical_data_version`), equal to it byte by byte. */
function logicalDataVersion(codeVersion, parents, inputs) {
    // Inputs go in the order of Python's `str(key)`, in which a longer key can come before a shorter.
    const ordered = parents
        .map((key) => ({ name: `['${key.join("', '")}']`, version: inputs.get((0,assetKeys/* keyId */.xs)(key)) ?? INITIAL }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    const text = [codeVersion, ...ordered.map(({ version }) => version)].join('');
    return (0,external_node_crypto_.createHash)('sha256').update(text).digest('hex');
}

;// CONCATENATED MODULE: ./src/dagster/staleCauses.ts


/**
 * Dagster's MISSING. An asset that gets partitions has none of them materialized, whatever ran before.
 */
function isMissing(asset, log) {
    const latest = log.get((0,assetKeys/* keyId */.xs)(asset.key));
    return latest === undefined || (asset.partitioned && !latest.partitioned);
}
/**
 * Why an asset of `graph` is STALE; nothing if it is FRESH or MISSING. The rules are those of
 * `CachingStaleStatusResolver._get_stale_causes_materialized`. They are not transitive: only parents
 * count.
 */
function staleCauses(asset, graph, log) {
    const latest = log.get((0,assetKeys/* keyId */.xs)(asset.key));
    if (latest === undefined || isMissing(asset, log)) {
        return { code: false, added: [], removed: [], data: [] };
    }
    const { inputs, parents } = latest;
    const now = new Set(asset.parents.map(assetKeys/* keyId */.xs));
    const tracked = asset.parents.filter((key) => isTracked(graph.get((0,assetKeys/* keyId */.xs)(key)), asset));
    return {
        // None → X fires (the stamp is the run then); X → none does not.
        code: Boolean(asset.codeVersion) && asset.codeVersion !== latest.codeVersion,
        added: tracked.filter((key) => !inputs.has((0,assetKeys/* keyId */.xs)(key))),
        removed: parents.filter((key) => !now.has((0,assetKeys/* keyId */.xs)(key))),
        data: each([
            ...tracked.filter((key) => hasMoved(inputs.get((0,assetKeys/* keyId */.xs)(key)), key, graph, log)),
            // Whether a data version moved does not matter there.
            ...behindVirtual(asset, graph).filter((key) => hasRunSince(latest, key, log)),
        ]),
    };
}
/** The nearest assets behind virtual parents that are not virtual themselves. */
function behindVirtual(asset, graph) {
    const found = [];
    const seen = new Set();
    const open = asset.parents.filter((key) => graph.get((0,assetKeys/* keyId */.xs)(key))?.virtual);
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
        const id = (0,assetKeys/* keyId */.xs)(key);
        if (seen.has(id))
            continue;
        seen.add(id);
        const ancestor = graph.get(id);
        if (ancestor?.virtual)
            open.push(...ancestor.parents);
        else
            found.push(key);
    }
    return found;
}
function hasRunSince({ wave }, key, log) {
    return (log.get((0,assetKeys/* keyId */.xs)(key))?.wave ?? 0) > wave;
}
/** Each key once. */
function each(keys) {
    return [...new Map(keys.map((key) => [(0,assetKeys/* keyId */.xs)(key), key])).values()];
}
function isTracked(parent, child) {
    const untracked = parent?.partitioned === true && parent.partitionsTracked === false;
    return !untracked || child.partitioned;
}
function hasMoved(seen, key, graph, log) {
    const parent = graph.get((0,assetKeys/* keyId */.xs)(key));
    const latest = log.get((0,assetKeys/* keyId */.xs)(key));
    if (seen === undefined || latest === undefined)
        return false;
    // Dagster looks for partitions newer than the event that the child's run noted; INITIAL is none.
    if (parent?.partitioned && (!latest.partitioned || seen === INITIAL))
        return false;
    return versionSeen(parent, latest) !== seen;
}

;// CONCATENATED MODULE: ./src/dagster/rounds.ts




/**
 * Materializes what is not fresh, round after round, each asset after its parents. What a round
 * leaves stale runs in the next one; that ends, because each round starts further down.
 *
 * @param first ids of what is not fresh at the start
 * @param log gets the runs added
 */
function* materializeInRounds(graph, first, log, stamped) {
    const ranks = new Map(parentsFirst(graph).map((id, rank) => [id, rank]));
    const children = childrenIn(graph, ranks);
    const byRank = (a, b) => rankOf(ranks, a) - rankOf(ranks, b);
    let stale = first.flatMap((id) => graph.get(id) ?? []);
    for (let wave = 1; stale.length > 0; wave += 1) {
        const ran = stale.filter(canRun).sort(byRank);
        for (const asset of ran)
            materialize(asset, graph, log, wave, stamped);
        const below = new Set(ran.flatMap(({ key }) => children.get((0,assetKeys/* keyId */.xs)(key)) ?? []));
        const flagged = [...below].flatMap((asset) => {
            const parents = staleCauses(asset, graph, log).data;
            return parents.length === 0 ? [] : [{ wave, asset, parents }];
        });
        yield* flagged;
        stale = flagged.map(({ asset }) => asset);
    }
}
function rankOf(ranks, { key }) {
    return ranks.get((0,assetKeys/* keyId */.xs)(key)) ?? -1;
}
/** The assets that each one can flag: its children further down, so that a cycle is cut. */
function childrenIn(graph, ranks) {
    const children = new Map();
    for (const asset of graph.values()) {
        for (const key of [...asset.parents, ...behindVirtual(asset, graph)]) {
            if (rankOf(ranks, { key }) >= rankOf(ranks, asset))
                continue;
            const known = children.get((0,assetKeys/* keyId */.xs)(key));
            if (known === undefined)
                children.set((0,assetKeys/* keyId */.xs)(key), [asset]);
            else
                known.push(asset);
        }
    }
    return children;
}

;// CONCATENATED MODULE: ./src/dagster/staleness.ts






const STATUS_ORDER = ['unsynced', 'afterUpstream', 'new', 'removed'];
/**
 * What Dagster will show once head is deployed, for assets materialized with base: plays through
 * what `CachingStaleStatusResolver` (dagster/_core/definitions/data_version.py) would say on deploy,
 * and after each round in which everything that is not fresh materializes.
 *
 * Partitioned assets have no status of their own, so they are listed only if new or removed; see
 * `comparePartitions`. Their children follow them like others.
 *
 * @param rule how data versions come about, which decides what follows from what
 * @returns affected assets only, sorted by status, then by key
 */
function compareAssetGraphs(base, head, rule) {
    const impacts = play(base, head, rule, 'moves');
    if (rule.kind === 'snapshot') {
        // What follows even if no version of doubt moves is certain to; its wave is then the latest.
        const expected = play(base, head, rule, 'stays');
        for (const [id, impact] of impacts)
            impacts.set(id, expected.get(id) ?? possible(impact));
    }
    for (const [id, asset] of base) {
        if (!asset.external && definedIn(head, id) === null)
            impacts.set(id, removed(asset));
    }
    return sorted(impacts.values());
}
/**
 * Partitioned assets whose partitions are Unsynced (`unsynced`) or never materialized (`new`) once
 * head is deployed. Dagster shows that for each partition, but not for the asset.
 *
 * @returns sorted by status, then by key; none that `compareAssetGraphs` lists
 */
function comparePartitions(base, head) {
    const log = materializeAll(base, { kind: 'dagster' });
    const partitioned = [...head.values()].filter(({ key }) => hidesInPartitions(base, head, (0,assetKeys/* keyId */.xs)(key)));
    return sorted(partitioned.flatMap((asset) => onDeploy(base, head, asset, log) ?? []));
}
function sorted(impacts) {
    return [...impacts].sort((a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || (0,assetKeys/* compareKeys */.YD)(a.key, b.key));
}
function possible(impact) {
    return { ...impact, confidence: 'possible' };
}
function definedIn(graph, id) {
    const asset = graph.get(id);
    return asset === undefined || asset.external ? null : asset;
}
function materializeAll(base, rule) {
    const log = new Map();
    for (const id of parentsFirst(base)) {
        const asset = base.get(id);
        if (asset === undefined || !canRun(asset))
            continue;
        materialize(asset, base, log, 0, stampedWithBase(rule));
    }
    return log;
}
/** Deploys head, then materializes in rounds until everything is fresh. */
function play(base, head, rule, unknown) {
    const log = materializeAll(base, rule);
    const onReload = [...head.values()].flatMap((asset) => onDeploy(base, head, asset, log) ?? []);
    const shown = onReload.filter(({ key }) => !hidesInPartitions(base, head, (0,assetKeys/* keyId */.xs)(key)));
    const impacts = new Map(shown.map((impact) => [(0,assetKeys/* keyId */.xs)(impact.key), impact]));
    const first = onReload.map(({ key }) => (0,assetKeys/* keyId */.xs)(key));
    const stamped = stampedWithHead(rule, base, unknown);
    for (const { wave, asset, parents } of materializeInRounds(head, first, log, stamped)) {
        const id = (0,assetKeys/* keyId */.xs)(asset.key);
        const before = base.get(id);
        if (impacts.has(id) || asset.partitioned || before === undefined)
            continue;
        impacts.set(id, following(before, asset, parents, wave));
    }
    return impacts;
}
/** Only a partitioned asset's coming is news of the asset itself. */
function hidesInPartitions(base, head, id) {
    return head.get(id)?.partitioned === true && definedIn(base, id) !== null;
}
/** CODE and DEPENDENCIES fire as soon as the code location reloads; an asset that never ran is MISSING. */
function onDeploy(base, head, asset, log) {
    if (asset.external)
        return null;
    const id = (0,assetKeys/* keyId */.xs)(asset.key);
    const before = definedIn(base, id);
    const common = {
        key: asset.key,
        models: asset.models,
        codeVersion: { base: before?.codeVersion ?? null, head: asset.codeVersion },
        wave: 0,
        waitsFor: [],
        confidence: 'certain',
    };
    if (isMissing(asset, log)) {
        // What nothing materializes on either side was there before, and as little materialized.
        if (before?.neverMaterialized === true && asset.neverMaterialized)
            return null;
        return { ...common, status: 'new', reasons: [], parents: { added: [], removed: [] } };
    }
    const { code, added, removed, data } = staleCauses(asset, head, log);
    const reasons = [];
    if (code)
        reasons.push('code');
    if (added.length + removed.length > 0)
        reasons.push('dependencies');
    if (data.length > 0)
        reasons.push('data');
    if (reasons.length === 0)
        return null;
    return { ...common, status: 'unsynced', reasons, parents: { added, removed } };
}
function following(before, asset, waitsFor, wave) {
    return {
        key: asset.key,
        models: asset.models,
        status: 'afterUpstream',
        reasons: ['data'],
        codeVersion: { base: before.codeVersion, head: asset.codeVersion },
        parents: { added: [], removed: [] },
        wave,
        waitsFor: [...waitsFor].sort(assetKeys/* compareKeys */.YD),
        confidence: 'expected',
    };
}
function removed(asset) {
    return {
        key: asset.key,
        models: asset.models,
        status: 'removed',
        reasons: [],
        codeVersion: { base: asset.codeVersion, head: null },
        parents: { added: [], removed: [] },
        wave: 0,
        waitsFor: [],
        confidence: 'certain',
    };
}

// EXTERNAL MODULE: ./src/failure.ts
var src_failure = __nccwpck_require__(633);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __nccwpck_require__(760);
var external_node_path_default = /*#__PURE__*/__nccwpck_require__.n(external_node_path_);
;// CONCATENATED MODULE: external "node:fs/promises"
const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");
;// CONCATENATED MODULE: ./src/python/installCommand.ts

/** Options of pip whose value is a path, but not one of a package to copy. */
const PATH_OPTIONS = /^(-[ecrftip]|--(editable|constraint|requirement|find-links|target|index-url|python|prefix|root|src|log|cache-dir))$/;
/** Words of the install command that could be paths inside the repository, normalized. */
function pathsIn(command) {
    const words = wordsOf(command).map((word) => word.replace(/^--?[\w-]+=/, ''));
    const paths = words.map((word) => external_node_path_default().posix.normalize(word).replace(/(?<=.)\/$/, ''));
    return [...new Set(paths)].filter((word) => word !== '.' && !/^[-/$~]|^\.\.(\/|$)|[*?:]/.test(word));
}
/**
 * True if the environment will hold a copy of the commit's own code, so that it serves no other
 * commit: `pip install .`, a local package in a lock, `--no-editable`. A linked package (`-e`, and
 * what uv and Poetry do by themselves) serves both commits, since both lie at the same path in turn.
 */
function copiesSources(command, files) {
    const commands = command.split(/&&|\|\||[;|\n]/);
    const installs = commands.filter((one) => /\bpip3?\s+install\b/.test(one));
    return (/--no-editable\b/.test(command) ||
        installs.some((one) => namesLocalPackage(one)) ||
        files.some(copiesLocalPackage));
}
function copiesLocalPackage({ path: file, text }) {
    if (/\.(txt|in)$/.test(file)) {
        return text.split('\n').some((line) => namesLocalPackage(line.replace(/(^|\s)#.*/, '')));
    }
    // uv writes `source = { directory = "lib" }`, Poetry `type = "directory"`.
    return /\.lock$/.test(file) && /^(source = \{ directory =|type = "directory")/m.test(text);
}
function namesLocalPackage(line) {
    const words = wordsOf(line);
    return words.some((word, index) => {
        if (PATH_OPTIONS.test(words[index - 1] ?? '') || word.includes('://'))
            return false;
        return /^\.{1,2}(\/|\[|$)|^\/|.\/(\[|$)|^file:/.test(word);
    });
}
/** True unless the command only runs tools that bring their own installer. */
function needsPip(command) {
    return !/^\s*(uv|poetry)\s[^;&|\n]*$/.test(command);
}
/**
 * The input `install` that fits a commit's dependency files, for a hint.
 *
 * @param files in the order in which they decide
 * @returns null where none of them mentions SQLMesh
 */
function suggestInstall(files) {
    for (const { path: file, text } of files) {
        if (!/(?<![\w-])sqlmesh(?![\w-])/i.test(text))
            continue;
        const folder = external_node_path_default().posix.dirname(file);
        const command = commandFor(external_node_path_default().posix.basename(file), quoted(file), folder);
        if (command !== null)
            return command;
    }
    return null;
}
function commandFor(name, file, folder) {
    const here = folder === '.';
    const inFolder = (option) => (here ? '' : ` ${option} ${quoted(folder)}`);
    if (name === 'uv.lock')
        return `uv sync --frozen${inFolder('--project')}`;
    if (name === 'poetry.lock')
        return `poetry install${inFolder('--directory')}`;
    if (name === 'pdm.lock')
        return `pdm sync${inFolder('--project')}`;
    if (name === 'Pipfile.lock')
        return here ? 'pipenv sync' : `cd ${quoted(folder)} && pipenv sync`;
    if (/\.txt$/.test(name) && !name.startsWith('constraints'))
        return `pip install -r ${file}`;
    if (/^(pyproject\.toml|setup\.(py|cfg))$/.test(name)) {
        return `pip install -e ${here ? '.' : quoted(`./${folder}`)}`;
    }
    return null;
}
function wordsOf(command) {
    return command.split(/[\s;&|()"'<>]+/).filter((word) => word !== '');
}
/** A path as one word of a shell command. */
function quoted(text) {
    return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

;// CONCATENATED MODULE: ./src/python/dependencyFiles.ts




/** Usual names, in the order in which one decides over another of the same folder. */
const NAMES = [
    /^uv\.lock$/,
    /^poetry\.lock$/,
    /^pdm\.lock$/,
    /^pylock(\..+)?\.toml$/,
    /^Pipfile\.lock$/,
    /^requirements\.txt$/,
    /^requirements.*\.(txt|in)$/,
    /^constraints.*\.txt$/,
    /^pyproject\.toml$/,
    /^Pipfile$/,
    /^setup\.(py|cfg)$/,
    /^(uv\.toml|poetry\.toml|\.python-versions?|\.tool-versions|environment\.ya?ml)$/,
];
/** A lock of thousands of packages has 2 MB. Of a larger file only the size counts. */
const LARGEST = 16 * 1024 * 1024;
const MOST_FILES = 200;
/**
 * Files of one commit's tree that decide its environment: those with the usual names in the project
 * folders and the folders above them, those that the install command names, and those that
 * requirement files refer to.
 *
 * @param tree absolute folder with the commit's files; not trusted, so no link is followed out of it
 * @param projects project folders relative to it
 * @param command the input `install`, if it is given
 * @returns in the order in which they decide: by `rank`, then by path
 */
async function readDependencyFiles(tree, projects, command) {
    const root = await (0,promises_namespaceObject.realpath)(tree);
    const named = pathsIn(command ?? '');
    const waiting = named.map((file) => ({ file, distance: 0 }));
    for (const [folder, distance] of foldersOf(projects, named)) {
        for (const file of await usualFiles(root, folder))
            waiting.push({ file, distance });
    }
    const found = new Map();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { file, distance } = next;
        if (found.has(file) || found.size >= MOST_FILES)
            continue;
        const text = await readInside(root, file);
        if (text === null)
            continue;
        found.set(file, { path: file, text, distance });
        waiting.push(...referredTo(file, text).map((other) => ({ file: other, distance })));
    }
    return [...found.values()].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}
/** A file with a lower rank decides over one with a higher one. */
function rank({ path: file, distance }) {
    const name = external_node_path_default().posix.basename(file);
    const kind = NAMES.findIndex((pattern) => pattern.test(name));
    return distance * 100 + (kind === -1 ? NAMES.length : kind);
}
/** Names a set of dependency files; equal keys mean that one environment does for both. */
function dependencyKey(files) {
    const entries = files.map(({ path: file, text }) => [file, text]).sort();
    return (0,external_node_crypto_.createHash)('sha256').update(JSON.stringify(entries)).digest('hex');
}
/** Folders to look in, with their distance: each project's, those above it, and those named. */
function foldersOf(projects, named) {
    const distances = new Map(named.map((folder) => [folder, 1]));
    for (const project of projects) {
        let folder = external_node_path_default().posix.normalize(project);
        for (let distance = 1;; distance += 1) {
            distances.set(folder, Math.min(distance, distances.get(folder) ?? distance));
            if (folder === '.')
                break;
            folder = external_node_path_default().posix.dirname(folder);
        }
    }
    return distances;
}
/** `requirements/*.txt` count as well: a usual place in larger projects. */
async function usualFiles(root, folder) {
    const names = await namesIn(root, folder);
    const own = names.filter((name) => NAMES.some((pattern) => pattern.test(name)));
    const further = names.includes('requirements')
        ? await namesIn(root, external_node_path_default().posix.join(folder, 'requirements'))
        : [];
    return [
        ...own,
        ...further.filter((name) => /\.(txt|in)$/.test(name)).map((name) => `requirements/${name}`),
    ].map((name) => external_node_path_default().posix.join(folder, name));
}
async function namesIn(root, folder) {
    const real = await realInside(root, folder);
    return real === null ? [] : await (0,promises_namespaceObject.readdir)(real).catch(() => []);
}
/** Text of a regular file inside the tree; null for anything else. */
async function readInside(root, file) {
    const real = await realInside(root, file);
    const status = real === null ? null : await (0,promises_namespaceObject.lstat)(real).catch(() => null);
    if (real === null || !status?.isFile())
        return null;
    return status.size > LARGEST ? `${status.size} bytes` : await (0,promises_namespaceObject.readFile)(real, 'utf8');
}
async function realInside(root, file) {
    const real = await (0,promises_namespaceObject.realpath)(external_node_path_default().join(root, file)).catch(() => null);
    return real === root || real?.startsWith(`${root}${(external_node_path_default()).sep}`) ? real : null;
}
/** `-r other.txt` and `-c constraints.txt`, relative to the file that says so (pip's format). */
function referredTo(file, text) {
    if (!/\.(txt|in)$/.test(file))
        return [];
    const pattern = /^\s*(?:-[rc]|--(?:requirement|constraint))[\s=]*([^\s#]+)/gm;
    return [...text.matchAll(pattern)]
        .map(([, other = '']) => external_node_path_default().posix.join(external_node_path_default().posix.dirname(file), other))
        .filter((other) => !/^\.\.(\/|$)|:/.test(other));
}

;// CONCATENATED MODULE: ./src/python/pins.ts


/**
 * What a commit pins. The file that decides is the first that pins the package: those that the
 * install command names, then the folder nearest to the project, then locks before requirements
 * before pyproject.toml.
 *
 * @param files as `readDependencyFiles` gives them
 */
function readPins(files) {
    return { sqlmesh: pinOf('sqlmesh', files), sqlglot: pinOf('sqlglot', files) };
}
/** Packages that both commits pin, differently: `SQLMesh 0.212.0 and 0.236.4`; empty if none. */
function differingPins({ base, head }) {
    const names = { sqlmesh: 'SQLMesh', sqlglot: 'sqlglot' };
    return ['sqlmesh', 'sqlglot']
        .filter((name) => base[name] !== null && head[name] !== null && base[name] !== head[name])
        .map((name) => `${names[name]} ${base[name]} and ${head[name]}`);
}
/** Files that pin different versions contradict each other only if neither goes before the other. */
function pinOf(name, files) {
    let deciding = null;
    const found = new Set();
    for (const file of files) {
        if (deciding !== null && rank(file) !== deciding)
            break;
        const versions = versionsIn(file, name);
        if (versions.length > 0)
            deciding = rank(file);
        for (const version of versions)
            found.add(version);
    }
    const [only = null, another] = found;
    return another === undefined ? only : null;
}
/** Exact versions of one package that a file names; a lock with forks names several. */
function versionsIn({ path: file, text }, name) {
    const base = external_node_path_default().posix.basename(file);
    if (/^(uv|poetry|pdm)\.lock$|^pylock(\..+)?\.toml$/.test(base))
        return lockedIn(text, name);
    if (base === 'Pipfile.lock')
        return lockedInPipfile(text, name);
    const required = requiredIn(plain(text), name);
    return /\.(txt|in)$/.test(base) ? required : [...required, ...assignedIn(plain(text), name)];
}
/** Tables `[[package]]` (uv, Poetry, PDM) or `[[packages]]` (PEP 751) with a name and a version. */
function lockedIn(text, name) {
    const tables = text.split(/^\[\[packages?\]\]\s*$/m).slice(1);
    return tables.flatMap((table) => {
        // The package's own keys; its dependencies follow in tables of their own.
        const own = table.split(/^\[/m)[0] ?? '';
        const value = (key) => new RegExp(`^${key} = "([^"\\n]*)"`, 'm').exec(own)?.[1];
        const version = value('version');
        return normalized(value('name') ?? '') === name && version !== undefined ? [version] : [];
    });
}
function lockedInPipfile(text, name) {
    let document;
    try {
        document = JSON.parse(text);
    }
    catch {
        // Not a lock that anything could install from; the install command will say so itself.
        return [];
    }
    const section = own(document, 'default');
    const version = own(own(section, name), 'version');
    return typeof version === 'string' ? exact(version) : [];
}
function own(value, key) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
        return undefined;
    return value[key];
}
/** Requirements such as `sqlmesh[web]==0.236.4`, wherever they are written (PEP 508). */
function requiredIn(text, name) {
    const pattern = new RegExp(`(?<![\\w.-])${name} ?(?:\\[[^\\]\\n]*\\])? ?\\(?={2,3} ?([\\w.+!*-]+)`, 'gi');
    return [...text.matchAll(pattern)].flatMap(([, version = '']) => exact(version));
}
/** `sqlmesh = "0.236.4"` (Poetry: exactly that) and `sqlmesh = {version = "==0.236.4"}` (Pipfile). */
function assignedIn(text, name) {
    const pattern = new RegExp(`^ ?"?${name}"? ?= ?(?:\\{.*?version ?= ?)?"([^"\\n]*)"`, 'gim');
    return [...text.matchAll(pattern)].flatMap(([, version = '']) => exact(version));
}
/** `==1.2.3` or a bare `1.2.3` as `1.2.3`; a range is no pin. */
function exact(specifier) {
    const version = /^ ?={0,3} ?v?(\d[\w.+!-]*)$/.exec(specifier)?.[1];
    return version === undefined ? [] : [version];
}
/** Runs of blanks become one, so that no pattern can take long over them. */
function plain(text) {
    return text.replaceAll(/[^\S\n]+/g, ' ').replaceAll(/(^| )#.*$/gm, '$1');
}
/** Names are compared as package indexes do (PEP 503). */
function normalized(name) {
    return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

;// CONCATENATED MODULE: ./src/sqlmesh/upgrade.ts


/**
 * How to tell an upgrade's changes from the commit's own.
 *
 * @param files paths that differ, and paths of the files that only say what is installed
 * @param reload loads base with head's programs
 * @returns null if both commits were loaded with the same programs
 */
async function explainUpgrade({ base, head }, files, reload) {
    const detail = base && head && upgradeBetween(base, head);
    if (!detail)
        return null;
    // Where nothing else changes, base loaded with head's programs is head.
    const nothingElse = [...files.changed].every((file) => files.installed.has(file));
    const rebased = nothingElse ? head : await reload().catch(unloadable);
    return { detail, changedFiles: files.changed, rebased };
}
/** An old project need not load with new programs: then the files tell. */
function unloadable(thrown) {
    if (thrown instanceof src_failure/* Failure */.H)
        return null;
    throw thrown;
}
/**
 * What sets the two loads' programs apart, where it enters a hash: SQLMesh, sqlglot (which writes
 * expressions as text) and Python's minor version (which writes Python code as text).
 *
 * @returns the weightiest alone: `SQLMesh 0.212.0 → 0.236.4`; null if there is none
 */
function upgradeBetween(base, head) {
    const minor = (version) => version.split('.').slice(0, 2).join('.');
    const pairs = [
        ['SQLMesh', base.versions.sqlmesh, head.versions.sqlmesh],
        ['sqlglot', base.versions.sqlglot, head.versions.sqlglot],
        ['Python', minor(base.versions.python), minor(head.versions.python)],
    ];
    const moved = pairs.find(([, before, after]) => before !== after);
    return moved === undefined ? null : `${moved[0]} ${moved[1]} → ${moved[2]}`;
}
/** Files that many models depend on without being named by any of their parts. */
const SHARED = /^(config|sqlmesh)\.(ya?ml|py)$|^\.env|^(dbt_project|profiles|external_models|schema)\.ya?ml$|\.py$/;
/** True unless it is certain that none of the changed files moved this part. */
function mayComeFrom(changed, part) {
    if (part.file !== null && changed.has(part.file))
        return true;
    // A query and a seed are in their own file; everything else a configuration or a module may set.
    if (part.kind === 'query' || part.kind === 'seed')
        return false;
    return [...changed].some((file) => SHARED.test(external_node_path_default().posix.basename(file)));
}

;// CONCATENATED MODULE: ./src/sqlmesh/changes.ts

/**
 * Explains every `data_hash` that differs between two commits by the parts that moved
 * (SQLMesh `Model._data_hash_values`).
 *
 * @param upgrade how to tell an upgrade's changes from the commit's own; null where both commits
 *   were loaded with the same programs
 * @returns changes by fqn, in the order of the head's models
 */
function compareManifests(base, head, upgrade = null) {
    const before = new Map(base.models.map((model) => [model.fqn, model]));
    const explainMoved = upgrade === null ? explain : upgradeExplainer(upgrade);
    const changes = new Map();
    for (const model of head.models) {
        const old = before.get(model.fqn);
        if (old === undefined || old.dataHash === model.dataHash)
            continue;
        changes.set(model.fqn, explainMoved(old, model));
    }
    return changes;
}
/**
 * Models whose text changed while their `data_hash` did not: it is a CRC32, and those collide.
 * Dagster sees no change there.
 *
 * @returns their fqns, in the order of the head's models
 */
function findHashCollisions(base, head) {
    if (base.versions.sqlmesh !== head.versions.sqlmesh)
        return [];
    const before = new Map(base.models.map((model) => [model.fqn, model]));
    const collided = head.models.filter(({ fqn, dataHash, ingredients }) => {
        const old = before.get(fqn);
        if (!dataHash || ingredients === null || old?.ingredients == null)
            return false;
        return old.dataHash === dataHash && old.ingredients !== ingredients;
    });
    return collided.map(({ fqn }) => fqn);
}
/** @param counts which of the moved parts may be causes */
function explain(base, head, counts = () => true) {
    const moved = movedParts(base, head).filter((part) => counts((part.head ?? part.base)));
    const formattingOnly = moved.length > 0 && moved.every(isFormatting);
    if (formattingOnly) {
        return { fqn: head.fqn, formattingOnly, causes: distinct(moved.map(formattingCause)) };
    }
    const causes = withoutFollowers(moved.filter((part) => !isFormatting(part))).flatMap(causesOf);
    if (causes.length > 0)
        return { fqn: head.fqn, formattingOnly, causes: distinct(causes) };
    const detail = 'no known part of the model moved';
    return { fqn: head.fqn, formattingOnly, causes: [{ kind: 'unknown', detail, file: head.path }] };
}
/** True if nothing but the upgrade moved the hash: no file of the model changed. */
function isUpgradeOnly({ causes }) {
    return causes.length > 0 && causes.every((cause) => cause.kind === 'sqlmesh-upgrade');
}
/**
 * The parts' digests depend on the versions as the hash itself does, so base is compared in two
 * steps: as it was loaded with its own programs and with head's (the upgrade), and then with head
 * (the commit). Where head's programs do not load base, the files decide.
 */
function upgradeExplainer({ detail, rebased, changedFiles }) {
    const again = new Map(rebased?.models.map((model) => [model.fqn, model]));
    const cause = { kind: 'sqlmesh-upgrade', detail, file: null };
    return (base, head) => {
        const between = again.get(head.fqn);
        const only = { fqn: head.fqn, formattingOnly: false, causes: [cause] };
        if (between?.dataHash === head.dataHash)
            return only;
        if (between?.dataHash === base.dataHash)
            return explain(between, head);
        const own = between === undefined
            ? explain(base, head, (part) => mayComeFrom(changedFiles, part))
            : explain(between, head);
        const known = own.causes.filter(({ kind }) => between !== undefined || kind !== 'unknown');
        return { ...only, causes: [...known, cause] };
    };
}
/** Parts that differ, in the manifest's order: the base's that are gone come last. */
function movedParts(base, head) {
    const identity = (part) => JSON.stringify([part.kind, part.name]);
    const before = new Map(base.parts.map((part) => [identity(part), part]));
    const after = new Set(head.parts.map(identity));
    const changed = head.parts
        .map((part) => ({ base: before.get(identity(part)), head: part }))
        .filter((moved) => moved.base?.digest !== moved.head.digest);
    const gone = base.parts
        .filter((part) => !after.has(identity(part)))
        .map((part) => ({ base: part, head: undefined }));
    return [...changed, ...gone];
}
/**
 * The text moved, what it renders to did not (SQLMesh `is_metadata_only_change`). Where a macro moved
 * too, the rendered query says nothing about the text; its clauses do.
 */
function isFormatting({ base, head }) {
    if (base === undefined || head === undefined)
        return false;
    if (head.kind !== 'query' && head.kind !== 'statements')
        return false;
    if (base.canonical !== null && base.canonical === head.canonical)
        return true;
    if (base.clauses === null || head.clauses === null)
        return false;
    return clauseChanges(base.clauses, head.clauses).length === 0;
}
/** Another kind has other settings; that they come and go is no cause of its own. */
function withoutFollowers(moved) {
    const isKind = ({ base, head }) => (head ?? base)?.kind === 'kind';
    const itself = moved.find((part) => isKind(part) && part.head?.name === 'kind');
    return itself === undefined ? moved : moved.filter((part) => part === itself || !isKind(part));
}
function formattingCause({ head }) {
    return { kind: 'formatting', detail: `text of the ${head?.name}`, file: head?.file ?? null };
}
function causesOf(moved) {
    const part = (moved.head ?? moved.base);
    const cause = (detail) => ({ kind: part.kind, detail, file: part.file });
    if (moved.base === undefined)
        return [cause(withValue(`${part.name} added`, part.value))];
    if (moved.head === undefined)
        return [cause(`${part.name} removed`)];
    const { base, head } = moved;
    if (head.kind === 'query')
        return queryCauses(base, head);
    if (head.value !== null && base.value !== null && head.value !== base.value) {
        return [cause(`${part.name}: ${base.value} → ${head.value}`)];
    }
    const movedFile = base.file !== head.file && base.canonical === head.canonical;
    if (movedFile && base.canonical !== null) {
        return [cause(`${part.name} moved from ${base.file ?? 'elsewhere'}`)];
    }
    return [cause(part.name)];
}
function withValue(text, value) {
    return value === null ? text : `${text}: ${value}`;
}
/** A query is told apart by its clauses; columns that come or go are a cause of their own kind. */
function queryCauses(base, head) {
    const columns = columnChanges(base.projections, head.projections);
    const clauses = clauseChanges(base.clauses, head.clauses).filter((change) => !(columns !== null && change === 'SELECT changed'));
    const causes = [];
    if (columns !== null)
        causes.push({ kind: 'columns', detail: columns, file: head.file });
    if (clauses.length > 0 || columns === null) {
        const detail = clauses.length > 0 ? clauses.join(', ') : 'query text';
        causes.push({ kind: 'query', detail, file: head.file });
    }
    return causes;
}
function columnChanges(base, head) {
    if (base === null || head === null)
        return null;
    const added = head.filter((name) => !base.includes(name)).map((name) => `+${name}`);
    const removed = base.filter((name) => !head.includes(name)).map((name) => `-${name}`);
    if (added.length + removed.length > 0)
        return [...added, ...removed].join(', ');
    return base.join('\n') === head.join('\n') ? null : 'order of columns';
}
function clauseChanges(base, head) {
    if (base === null || head === null)
        return [];
    const names = [...new Set([...Object.keys(head), ...Object.keys(base)])].sort();
    return names
        .filter((name) => base[name] !== head[name])
        .map((name) => {
        if (base[name] === undefined)
            return `${name} added`;
        return head[name] === undefined ? `${name} removed` : `${name} changed`;
    });
}
function distinct(causes) {
    const seen = new Map(causes.map((cause) => [JSON.stringify(cause), cause]));
    return [...seen.values()];
}

;// CONCATENATED MODULE: ./src/report/notices.ts


/** A few names, then how many more. */
function some(names) {
    const shown = names.slice(0, 3).map((name) => `\`${name}\``);
    const rest = names.length - shown.length;
    return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
/** Models on one key: Dagster would refuse to load such definitions. */
function aboutCollisions(collisions) {
    const distinct = new Map(collisions.map((collision) => [JSON.stringify(collision), collision]));
    return [...distinct.values()].map(({ key, models }) => ({
        level: 'warning',
        code: 'key-collision',
        message: `${models.length} models share the asset key \`${key.join('/')}\`: ${some(models)}. Dagster refuses definitions with a duplicate key, so check the input \`integration\` or \`asset-key\`.`,
    }));
}
/** Code versions that moved although no part of the model explains it, or with an upgrade. */
function aboutCauses(changes, upgrade) {
    const notices = [];
    const unknown = [...changes.values()].filter((change) => change.causes.some((cause) => cause.kind === 'unknown'));
    if (unknown.length > 0) {
        notices.push({
            level: 'warning',
            code: 'unknown-cause',
            message: `The data hash of ${some(unknown.map((change) => change.fqn))} moved, and no known part of the model explains it.`,
        });
    }
    return upgrade === null ? notices : [...notices, aboutUpgrade(changes, upgrade)];
}
function aboutUpgrade(changes, { detail, rebased }) {
    const all = [...changes.values()];
    const only = all.filter(isUpgradeOnly).length;
    const moves = `moves ${only} of ${all.length} changed data hashes although no file of theirs changed`;
    const told = rebased === null
        ? ' Base does not load with head’s versions, so the two were told apart by which files changed.'
        : '';
    return {
        level: only === 0 ? 'info' : 'warning',
        code: 'sqlmesh-upgrade',
        message: `Base and head were loaded with the versions that they install: ${detail}. That alone ${moves}.${told}`,
    };
}
/** What the commits pin, where they were loaded with something else. */
function aboutPins({ origin, pins }, base, head) {
    const differing = differingPins(pins);
    const loaded = head ?? base;
    if (origin === 'given' && differing.length > 0 && loaded !== null) {
        const { sqlmesh, sqlglot } = loaded.versions;
        return [
            {
                level: 'warning',
                code: 'versions-differ',
                message: `Base and head pin ${differing.join(', ')}, but the Python that the input \`python\` names loaded both, with SQLMesh ${sqlmesh} and sqlglot ${sqlglot}: code versions that move with the upgrade are not listed. With the input \`install\` instead, each commit loads with its own versions.`,
            },
        ];
    }
    const sides = [
        ['base', base],
        ['head', head],
    ];
    const wrong = sides
        .map(([side, manifest]) => [side, wrongPins(pins[side], manifest)])
        .filter(([, text]) => text !== '');
    const texts = new Set(wrong.map(([, text]) => text));
    return [...texts].map((text) => {
        const commits = wrong.filter((one) => one[1] === text).map(([side]) => side);
        const who = commits.length === 2 ? 'Both commits pin' : `The ${commits[0]} commit pins`;
        const message = `${who} ${text}, whose code versions may be others.`;
        return { level: 'info', code: 'pin-not-installed', message };
    });
}
function wrongPins(pins, manifest) {
    return ['sqlmesh', 'sqlglot']
        .filter((name) => manifest && pins[name] !== null && pins[name] !== manifest.versions[name])
        .map((name) => `${name} ${pins[name]}, but the load used ${manifest?.versions[name]}`)
        .join(', and ');
}
/** Texts that changed under one and the same hash. */
function aboutHashCollisions(fqns) {
    if (fqns.length === 0)
        return [];
    const [its, it] = fqns.length === 1 ? ['its', 'it'] : ['their', 'them'];
    return [
        {
            level: 'warning',
            code: 'hash-collision',
            message: `${some(fqns)} changed, but by chance ${its} data hash (a CRC32) is the same as before: Dagster will not flag ${it}. Materialize ${it} by hand.`,
        },
    ];
}
/** Hashes that no commit changes: they differ from load to load. */
function aboutStability(unstable, head) {
    const loads = unstable.map(({ fqn, parts }) => ({
        level: 'warning',
        code: 'unstable-hash',
        message: `The data hash of \`${fqn}\` differs from one load of the same files to the next, because of ${some(parts.map(whereIs))}: Dagster will flag it whenever its code location reloads. What only that moves is left out of the verdict.`,
    }));
    const constants = new Map();
    for (const { fqn, restless } of head?.models ?? []) {
        for (const { name, why } of restless) {
            const models = constants.get(name)?.models ?? [];
            constants.set(name, { why, models: [...models, fqn] });
        }
    }
    const elsewhere = [...constants].map(([name, { why, models }]) => ({
        level: 'info',
        code: 'restless-constant',
        message: `The constant \`${name}\` is part of the data hash of ${some(models)}, and ${why === 'order' ? 'it is a set, whose order differs between processes' : 'it holds the folder that the project lies in'}: the code version in Dagster can differ from what was compared here.`,
    }));
    return [...loads, ...elsewhere];
}
/** Why no commit had to be loaded. */
function nothingLoaded(why) {
    return {
        level: 'info',
        code: 'not-loaded',
        message: `${why} So the models were neither loaded nor counted.`,
    };
}
/** SQLMesh could not say which snapshot versions the change makes new. */
function versionsUnknown(why) {
    return {
        level: 'info',
        code: 'snapshot-versions-unknown',
        message: `SQLMesh could not categorise the change, so that it is open how far it goes, and rows that depend on it say \`possible\`: ${why}`,
    };
}
function whereIs({ name, file }) {
    return file === null ? name : `${name} in ${file}`;
}
/**
 * SQLMesh assets without a code version: Dagster never flags a change of their code. Where none has
 * one, the report says so by itself.
 *
 * @param defined true if the graph is that of the user's definitions
 */
function aboutMissingVersions(head, defined) {
    const without = [...head.values()].filter(({ neverMaterialized, codeVersion, models }) => !neverMaterialized && codeVersion === null && models.length > 0);
    if (without.length === 0)
        return [];
    const assets = some(without.map((asset) => asset.key.join('/')));
    const why = defined ? 'in the definitions' : 'because SQLMesh gives no data hash';
    return [
        {
            level: 'warning',
            code: 'no-code-version',
            message: `${assets} ${without.length === 1 ? 'has' : 'have'} no code version, ${why}: Dagster will not flag a change of code there.`,
        },
    ];
}
/** Partitioned assets that change: Dagster has no status for them as a whole, so no row stands for one. */
function aboutPartitions(impacts) {
    if (impacts.length === 0)
        return [];
    const assets = some(impacts.map(({ key }) => key.join('/')));
    const [verb, their] = impacts.length === 1 ? ['is', 'its'] : ['are', 'their'];
    return [
        {
            level: 'info',
            code: 'partitions',
            message: `${assets} ${verb} partitioned: Dagster will show ${their} change on each partition, not on the asset.`,
        },
    ];
}
/** Asset keys rest on an assumption where no integration is installed beside SQLMesh. */
function aboutIntegration(integration) {
    if (!integration.assumed)
        return [];
    return [
        {
            level: 'info',
            code: 'integration-assumed',
            message: `No Dagster integration is installed where the project was loaded, so asset keys are those of \`${integration.name}\`. Set the input \`integration\` to be sure.`,
        },
    ];
}
/** A project folder that one commit does not have: its assets are all new, or all removed. */
function projectAbsent(side, wanted, present) {
    const missing = wanted.filter((project) => !present.includes(project));
    const effect = side === 'base' ? 'new' : 'removed';
    return {
        level: 'info',
        code: 'project-absent',
        message: `The ${side} commit has no SQLMesh project in ${some(missing)}, so all its assets are ${effect}.`,
    };
}
/** Why the other commit does not load either. Its code is how a report knows that both failed. */
function failedToo(side, { message }) {
    const [first = ''] = message.split('\n').filter((line) => line.trim() !== '');
    return {
        level: 'warning',
        code: `${side}-failed`,
        message: `The ${side} commit does not load either: ${first}`,
    };
}
/** What the load itself had to say. */
function fromLoad(side, loaded) {
    return loaded.notices.map(({ code, message }) => ({
        level: 'info',
        code,
        message: `While loading ${side}: ${message}`,
    }));
}

// EXTERNAL MODULE: ./src/report/report.ts + 1 modules
var report_report = __nccwpck_require__(156);
;// CONCATENATED MODULE: ./src/sqlmesh/complete.ts
/**
 * Gives each commit the models that only the other one's load needed. Their files are equal, so they
 * are.
 *
 * @param changed paths that differ between the commits
 */
function completeManifests(base, head, changed) {
    const differing = new Set(changed);
    const isCommon = ({ path }) => path === null || !differing.has(path);
    const withOthers = (own, other) => {
        const known = new Set(own.models.map((model) => model.fqn));
        const missing = other.models.filter((model) => isCommon(model) && !known.has(model.fqn));
        const models = [...own.models, ...missing].sort((a, b) => (a.fqn < b.fqn ? -1 : 1));
        return { ...own, models };
    };
    return { base: withOthers(base, head), head: withOthers(head, base) };
}
/** Counts the models of two manifests that `completeManifests` gave. */
function countModels(base, head) {
    const own = (manifest) => manifest?.models.filter((model) => !model.external).length ?? 0;
    const others = head === null || head.complete ? 0 : head.others;
    if (others === null)
        return { base: null, head: null };
    return { base: own(base) + others, head: own(head) + others };
}

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 14 modules
var schemas = __nccwpck_require__(586);
;// CONCATENATED MODULE: external "node:child_process"
const external_node_child_process_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:child_process");
// EXTERNAL MODULE: ./node_modules/zod/v4/core/errors.js
var errors = __nccwpck_require__(428);
;// CONCATENATED MODULE: ./src/python/group.ts
const PRINTED_LIMIT = 64 * 1024;
/** How long an ended process's descendants may keep its pipes open. */
const GRACE_MS = 2000;
/**
 * Waits for a process that leads its own group (`detached`), and ends what it leaves behind.
 *
 * @throws Error when the process could not be started
 */
async function untilGone(child) {
    return await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code, signal) => {
            // A descendant may hold the pipes open for ever; what it still writes does not count.
            endGroup(child);
            const grace = setTimeout(() => resolve({ code, signal }), GRACE_MS);
            child.once('close', () => {
                clearTimeout(grace);
                resolve({ code, signal });
            });
        });
    });
}
/** Ends a process and everything it started, at once. */
function endGroup(child) {
    if (child.pid === undefined)
        return;
    try {
        process.kill(-child.pid, 'SIGKILL');
    }
    catch {
        // Already gone, which is what was wanted.
    }
}
/** Collects the last part of a stream. */
function keepTail(stream) {
    let tail = Buffer.alloc(0);
    stream.on('data', (chunk) => {
        tail = Buffer.concat([tail, chunk]);
        if (tail.length > PRINTED_LIMIT)
            tail = tail.subarray(-PRINTED_LIMIT);
    });
    return () => tail.toString('utf8');
}

;// CONCATENATED MODULE: ./src/python/ask.ts





/** Version of what is said between us and our scripts; both are shipped together. */
const PROTOCOL = 1;
const envelope = { protocol: schemas/* literal */.euz(PROTOCOL), nonce: schemas/* string */.YjP() };
/**
 * Path of a file inside the repository, with forward slashes. A path that leads out of it would make
 * a link of ours point elsewhere.
 */
const repositoryPath = schemas/* string */.YjP()
    .refine((path) => !path.split('/').some((part) => part === '' || part === '.' || part === '..'), 'is not a path inside the repository');
const refusal = schemas/* strictObject */.rej({
    ...envelope,
    ok: schemas/* literal */.euz(false),
    error: schemas/* strictObject */.rej({
        /** `environment`: what the script needs cannot be imported. `config`: there is no such project. */
        code: schemas/* enum */.k5n(['environment', 'config', 'load-failed']),
        /** `ExceptionType: text`, absolute paths inside the tree made relative. */
        message: schemas/* string */.YjP(),
        file: repositoryPath.nullable(),
        hint: schemas/* string */.YjP().nullable(),
    }),
});
/**
 * Schema of the one document that a script writes: what it was asked for, or why there is none.
 *
 * @param shape what a successful answer holds besides its envelope
 */
function answerOf(shape) {
    const accepted = schemas/* strictObject */.rej({ ...envelope, ok: schemas/* literal */.euz(true), ...shape });
    return schemas/* discriminatedUnion */.gMt('ok', [accepted, refusal]);
}
const ANSWER_LIMIT = 256 * 1024 * 1024;
/**
 * Runs a script in its own process and process group, bounded in time and bytes.
 *
 * Only a single, complete document with this question's nonce on the private pipe (descriptor 3) is
 * believed. What the user's code prints is never interpreted.
 *
 * @param schema of the one JSON document
 * @param onPrinted gets the tail of what the script printed, if it fails
 * @throws Failure that names the side: `timeout`, `protocol`, `environment`, `load-failed`, or the
 *   code of the script's own refusal
 */
async function askPython(question, schema, onPrinted) {
    const nonce = (0,external_node_crypto_.randomUUID)();
    const ended = await run(question, nonce);
    try {
        return understand(ended, nonce, question, schema);
    }
    catch (error) {
        onPrinted(ended.printed);
        throw error;
    }
}
async function run(question, nonce) {
    const child = (0,external_node_child_process_namespaceObject.spawn)(question.python, [question.script], {
        cwd: question.folder,
        env: question.environment,
        stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
        // Its own process group, so that everything it started can be ended with it.
        detached: true,
    });
    let stopped = null;
    const stop = (why) => {
        stopped ??= why;
        endGroup(child);
    };
    let timer;
    const endWithUs = () => endGroup(child);
    process.once('exit', endWithUs);
    try {
        const answer = collect(child.stdio[3], ANSWER_LIMIT, () => stop('too-long'));
        const stdout = keepTail(child.stdout);
        const stderr = keepTail(child.stderr);
        const exit = untilGone(child).catch((cause) => {
            const { python, side } = question;
            const message = `${python} could not be started: ${cause.message}`;
            throw new src_failure/* Failure */.H('environment', message, { side, cause });
        });
        if (question.onProgress)
            follow(child.stdio[4], question.onProgress);
        else
            child.stdio[4].resume();
        const request = await Promise.race([question.request, exit.then(() => null)]);
        if (request !== null) {
            timer = setTimeout(() => stop('timeout'), question.timeoutSeconds * 1000);
            send(child, { protocol: PROTOCOL, nonce, ...request });
        }
        const { code, signal } = await exit;
        const printed = { stdout: stdout(), stderr: stderr() };
        return { answer: answer(), printed, code, signal, stopped };
    }
    finally {
        clearTimeout(timer);
        process.removeListener('exit', endWithUs);
        endGroup(child);
    }
}
function send(child, request) {
    // A load that ends before it reads is reported by how it ended, not by the broken pipe.
    child.stdin?.on('error', () => { });
    child.stdin?.end(JSON.stringify(request));
}
/** Reads `=12;` for files to come and `+` for each that is done, in any order and mixture. */
function follow(stream, onProgress) {
    let pending = '';
    let done = 0;
    let total = 0;
    stream.on('data', (chunk) => {
        const text = pending + chunk.toString('latin1');
        const end = Math.max(text.lastIndexOf(';'), text.lastIndexOf('+')) + 1;
        pending = text.slice(end).slice(0, 20);
        for (const [sign, count] of text.slice(0, end).matchAll(/\+|=(\d{1,9});/g)) {
            if (sign === '+')
                done += 1;
            else
                total += Number(count);
        }
        onProgress({ done, total });
    });
}
function collect(stream, limit, onTooLong) {
    const chunks = [];
    let size = 0;
    stream.on('data', (chunk) => {
        size += chunk.length;
        if (size > limit)
            onTooLong();
        else
            chunks.push(chunk);
    });
    return () => Buffer.concat(chunks);
}
function understand(ended, nonce, { what, side, timeoutSeconds }, schema) {
    const hint = 'The log of this run shows the last lines that the load printed.';
    if (ended.stopped === 'timeout') {
        throw new src_failure/* Failure */.H('timeout', `${what} took longer than ${timeoutSeconds} seconds.`, {
            side,
            hint: 'Raise the input `timeout`, or find out what the project waits for while it loads.',
        });
    }
    if (ended.stopped === 'too-long') {
        const message = `${what} gave an answer of more than ${ANSWER_LIMIT} bytes.`;
        throw new src_failure/* Failure */.H('protocol', message, { side });
    }
    if (ended.code !== 0) {
        const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`;
        throw new src_failure/* Failure */.H('load-failed', `${what} ended early with ${how}.`, { side, hint });
    }
    const answer = parseAnswer(ended.answer, schema, { what, side, hint });
    if (answer.nonce !== nonce) {
        throw new src_failure/* Failure */.H('protocol', `${what} gave an answer to another question.`, { side, hint });
    }
    if (answer.ok)
        return answer;
    const { code, message, file } = answer.error;
    throw new src_failure/* Failure */.H(code, message, { side, file, hint: answer.error.hint ?? hint });
}
function parseAnswer(bytes, schema, { what, side, hint }) {
    if (bytes.length === 0) {
        throw new src_failure/* Failure */.H('protocol', `${what} ended without an answer.`, { side, hint });
    }
    let document;
    try {
        document = JSON.parse(bytes.toString('utf8'));
    }
    catch (cause) {
        const message = `${what} gave an answer that is not one JSON document.`;
        throw new src_failure/* Failure */.H('protocol', message, { side, hint, cause });
    }
    const parsed = schema.safeParse(document);
    if (parsed.success)
        return parsed.data;
    const problem = errors/* prettifyError */.S1(parsed.error);
    const message = `${what} gave an answer of the wrong shape: ${problem.slice(0, 500)}`;
    throw new src_failure/* Failure */.H('protocol', message, { side, hint, cause: parsed.error });
}

;// CONCATENATED MODULE: ./src/sqlmesh/snapshotVersions.ts




const versions = answerOf({ versions: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* enum */.k5n(['new', 'reused'])) });
/** Lies beside this file, and beside the bundle. */
const SCRIPT = external_node_path_default().join(import.meta.dirname, 'probe_categories.py');
/**
 * The models whose snapshot version a change can move: those that it touches, and all below them.
 *
 * @returns fqns, sorted
 */
function affectedModels(changes, base, head) {
    const before = new Map(base.models.map((model) => [model.fqn, model]));
    const touched = head.models.filter((model) => {
        const old = before.get(model.fqn);
        const sameParents = old?.dependsOn.join('\n') === model.dependsOn.join('\n');
        return changes.has(model.fqn) || !sameParents;
    });
    const children = new Map();
    for (const { fqn, dependsOn } of head.models) {
        for (const parent of dependsOn)
            children.set(parent, [...(children.get(parent) ?? []), fqn]);
    }
    const found = new Set(touched.map(({ fqn }) => fqn));
    for (const fqn of found) {
        for (const child of children.get(fqn) ?? [])
            found.add(child);
    }
    return [...found].sort();
}
/**
 * Asks one commit's SQLMesh: base leaves its models in the file `exchange`, head compares its own
 * with them and answers.
 *
 * @param models fqns as `affectedModels` gives them
 * @throws Failure as a load does
 */
async function loadSnapshotVersions(load, models, exchange, onPrinted) {
    const { side, python, tree, workspace, gateway, timeoutSeconds, environment } = load;
    const projects = load.projects.map((project) => external_node_path_default().join(tree, project));
    await (0,promises_namespaceObject.mkdir)(environment['SQLMESH_HOME'], { recursive: true });
    const question = {
        what: `Categorising ${side}`,
        side,
        python,
        script: SCRIPT,
        folder: projects[0],
        environment,
        request: { side, projects, tree, workspace, gateway, env: load.given, models, exchange },
        timeoutSeconds,
    };
    const answer = await askPython(question, versions, onPrinted);
    return new Map(Object.entries(answer.versions));
}

;// CONCATENATED MODULE: ./src/sqlmesh/stability.ts

/**
 * Whether some change is explained by no file that differs. Then only another load of the same
 * files can tell whether the change is the commit's or the load's own (a time, a random number).
 *
 * @param changedPaths files that differ between the two commits, relative to the repository root
 */
function needsSecondLook(changes, base, head, changedPaths) {
    if (base.versions.sqlmesh !== head.versions.sqlmesh)
        return false;
    const before = new Map(base.models.map((model) => [model.fqn, model]));
    return head.models.some((model) => {
        const old = before.get(model.fqn);
        if (old === undefined || !changes.has(model.fqn))
            return false;
        return !movedParts(old, model).every(({ base, head }) => {
            // Whether a model has the part at all is for its own file to say, wherever the part is written.
            const own = head?.kind === 'python' || base === undefined || head === undefined;
            const files = [base?.file, head?.file, ...(own ? [model.path] : [])];
            return files.some((file) => file != null && changedPaths.has(file));
        });
    });
}
/** Models that two loads of the same files disagree about. */
function findUnstable(first, again) {
    const others = new Map(again.models.map((model) => [model.fqn, model]));
    return first.models.flatMap((model) => {
        const other = others.get(model.fqn);
        if (other === undefined || other.dataHash === model.dataHash)
            return [];
        return [{ fqn: model.fqn, parts: movedParts(other, model).map(partOf) }];
    });
}
/**
 * The unstable models whose change between the commits is nothing but their instability: what makes
 * them differ is what differs between two loads of the same commit.
 */
function changedByLoadAlone(unstable, base, head) {
    const models = (manifest) => new Map(manifest.models.map((model) => [model.fqn, model]));
    const [before, after] = [models(base), models(head)];
    const alone = unstable.filter(({ fqn, parts }) => {
        const [old, now] = [before.get(fqn), after.get(fqn)];
        if (old === undefined || now === undefined)
            return false;
        const restless = new Set(parts.map(nameOf));
        return movedParts(old, now).every((moved) => restless.has(nameOf(partOf(moved))));
    });
    return new Set(alone.map(({ fqn }) => fqn));
}
function partOf({ base, head }) {
    return (head ?? base);
}
function nameOf({ kind, name }) {
    return JSON.stringify([kind, name]);
}

// EXTERNAL MODULE: ./src/verdict.ts
var src_verdict = __nccwpck_require__(138);
;// CONCATENATED MODULE: ./src/compare.ts












/**
 * Puts two loaded commits side by side.
 *
 * @throws Failure `config` when neither commit has a project, or the integration is ambiguous
 */
function sideBySide(pair, request) {
    const { base, head, upgrade, unstable } = pair;
    const manifests = [base.manifest, head.manifest];
    const integration = integrationOf(request, base, head);
    const derivable = integration.name !== 'custom' || request.assetKey !== null;
    const scheme = derivable ? (0,assetKeys/* keyScheme */.jS)(integration.name, request.assetKey) : null;
    const restless = ofBoth(manifests, (...both) => changedByLoadAlone(unstable, ...both), NO_MODELS);
    const graphs = withSteadyVersions(assetGraphs(base, head, scheme), restless);
    const changes = ofBoth(manifests, (...both) => compareManifests(...both, upgrade), NO_CHANGES);
    return { pair, changes, integration, graphs };
}
/**
 * The models whose snapshot version decides what follows the change; none where nothing follows, or
 * data versions are not SQLMesh's.
 *
 * @returns fqns
 */
function versionsInQuestion(compared, request) {
    const { base, head, upgrade } = compared.pair;
    const follows = impactsOf(compared, request, new Map()).some(({ status }) => status === 'afterUpstream');
    // Two versions of SQLMesh cannot read each other's models.
    if (!follows || upgrade !== null || kindOfVersions(compared, request) !== 'snapshot')
        return [];
    const affected = (...both) => affectedModels(compared.changes, ...both);
    return ofBoth([base.manifest, head.manifest], affected, []);
}
/** From two commits side by side to the report. */
function conclude(compared, versions, request, known) {
    const { pair, changes, integration, graphs } = compared;
    const { base, head, upgrade, unstable } = pair;
    const manifests = [base.manifest, head.manifest];
    const { name, version } = integration;
    known.subject = { ...known.subject, integration: { name, version, wired: graphs.wired } };
    const assets = (0,report_report/* describeAssets */.hA)(impactsOf(compared, request, versions), changes, ...manifests);
    const verdict = (0,src_verdict/* judge */.S4)(assets, request.failOn);
    known.notices.push(...aboutCollisions(graphs.collisions), ...aboutCauses(changes, upgrade), ...aboutHashCollisions(ofBoth(manifests, findHashCollisions, [])), ...aboutStability(unstable, head.manifest), ...aboutMissingVersions(graphs.head, request.definitions !== null), ...aboutPartitions(comparePartitions(graphs.base, graphs.head)), ...aboutIntegration(integration));
    const sizes = request.definitions === null
        ? countModels(...manifests)
        : { base: assetCount(graphs.base), head: assetCount(graphs.head) };
    return { report: (0,report_report/* comparisonReport */.W7)(known, assets, sizes, verdict.conclusion), verdict };
}
/** The report where no load could give anything else for head than for base. */
function concludeUnloaded(why, request, known) {
    const verdict = (0,src_verdict/* judge */.S4)([], request.failOn);
    known.notices.push(nothingLoaded(why));
    const uncounted = { base: null, head: null };
    return { report: (0,report_report/* comparisonReport */.W7)(known, [], uncounted, verdict.conclusion), verdict };
}
function impactsOf(compared, request, versions) {
    const { pair, changes, integration, graphs } = compared;
    const reusing = modelsThatReuseVersions(pair.head.manifest);
    const versionOf = (fqn) => {
        const change = changes.get(fqn);
        // An upgrade migrates the state, which keeps every version (SQLMesh `StateMigrator`).
        const kept = change !== undefined && (change.formattingOnly || isUpgradeOnly(change));
        return kept || reusing.has(fqn) ? 'reused' : (versions.get(fqn) ?? 'unknown');
    };
    const rule = dataVersionRule(request.dataVersion, integration, versionOf);
    return compareAssetGraphs(graphs.base, graphs.head, rule);
}
function kindOfVersions({ integration }, request) {
    return dataVersionRule(request.dataVersion, integration, () => 'unknown').kind;
}
const NO_MODELS = new Set();
const NO_CHANGES = new Map();
/** What two manifests give together; nothing where one of the commits has no project. */
function ofBoth([base, head], work, nothing) {
    return base === null || head === null ? nothing : work(base, head);
}
/** Models whose snapshot version outlives a change: forward-only ones and those with a pinned version. */
function modelsThatReuseVersions(manifest) {
    const reusing = manifest?.models.filter((model) => model.reusesVersion !== null) ?? [];
    return new Set(reusing.map((model) => model.fqn));
}
function absent(request) {
    const where = request.projects.map((project) => `\`${project}\``).join(', ');
    return new src_failure/* Failure */.H('config', `Neither commit has a SQLMesh project in ${where}.`, {
        hint: 'Point the input `project` to the folder that holds config.yaml or config.py.',
    });
}
/** @throws Failure `config` when neither commit has a project, or the integration is ambiguous */
function integrationOf(request, base, head) {
    const manifest = head.manifest ?? base.manifest;
    if (manifest === null)
        throw absent(request);
    const imported = head.definitions?.imported ?? null;
    const detected = (0,assetKeys/* detectIntegration */.En)(request.integration, manifest.versions, imported);
    if (detected !== null)
        return detected;
    throw new src_failure/* Failure */.H('config', 'Both dg-sqlmesh and dagster-sqlmesh are installed.', {
        hint: 'Say which one makes the assets: the input `integration`.',
    });
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(24);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __nccwpck_require__(161);
;// CONCATENATED MODULE: ./node_modules/@simple-git/args-pathspec/dist/index.mjs
const t = /* @__PURE__ */ new WeakMap();
function dist_c(...n) {
  const e = new String(n);
  return t.set(e, n), e;
}
function dist_r(n) {
  return n instanceof String && t.has(n);
}
function dist_o(n) {
  return t.get(n) ?? [];
}

//# sourceMappingURL=index.mjs.map

// EXTERNAL MODULE: ./node_modules/@kwsites/file-exists/dist/index.js
var dist = __nccwpck_require__(117);
// EXTERNAL MODULE: ./node_modules/debug/src/index.js
var src = __nccwpck_require__(830);
// EXTERNAL MODULE: ./node_modules/@kwsites/promise-deferred/dist/index.js
var promise_deferred_dist = __nccwpck_require__(997);
;// CONCATENATED MODULE: ./node_modules/@simple-git/argv-parser/dist/index.mjs

function* x(e, n) {
  const t = n === "global";
  for (const o of e)
    o.isGlobal === t && (yield o);
}
const P = /* @__PURE__ */ new Set([
  "--add",
  "--edit",
  "--remove-section",
  "--rename-section",
  "--replace-all",
  "--unset",
  "--unset-all",
  "-e"
]), S = /* @__PURE__ */ new Set([
  "--get",
  "--get-all",
  "--get-color",
  "--get-colorbool",
  "--get-regexp",
  "--get-urlmatch",
  "--list",
  "-l"
]), E = /* @__PURE__ */ new Set([
  "edit",
  "remove-section",
  "rename-section",
  "set",
  "unset"
]), F = /* @__PURE__ */ new Set(["get", "get-color", "get-colorbool", "list"]);
function A(e, n) {
  for (const { name: o } of x(e, "task")) {
    if (P.has(o))
      return w(!0, n);
    if (S.has(o))
      return w(!1, n);
  }
  const t = n.at(0)?.toLowerCase();
  return t === void 0 ? null : E.has(t) ? w(!0, n.slice(1)) : F.has(t) ? w(!1, n.slice(1)) : n.length === 1 ? w(!1, n) : w(!0, n);
}
function w(e = !1, n = []) {
  const t = n.at(0)?.toLowerCase();
  return t === void 0 ? null : {
    isWrite: e,
    isRead: !e,
    key: t,
    value: n.at(1)
  };
}
function O(e, n) {
  return n.isWrite && n.value !== void 0 ? { key: n.key, value: n.value, scope: e } : { key: n.key, scope: e };
}
function G(e) {
  const n = e?.indexOf("=") || -1;
  return !e || n < 0 ? null : {
    key: e.slice(0, n).trim().toLowerCase(),
    value: e.slice(n + 1)
  };
}
function M(e) {
  for (const { name: n } of x(e, "task"))
    switch (n) {
      case "--global":
        return "global";
      case "--system":
        return "system";
      case "--worktree":
        return "worktree";
      case "--local":
        return "local";
      case "--file":
      case "-f":
        return "file";
    }
  return "local";
}
function N({ name: e }) {
  if (e === "-c" || e === "--config")
    return "inline";
  if (e === "--config-env")
    return "env";
}
function* $(e) {
  for (const n of e) {
    const t = N(n), o = t && G(n.value);
    o && (yield {
      ...o,
      scope: t
    });
  }
}
function D(e, n, t) {
  const o = {
    read: [],
    write: [...$(n)]
  };
  return e === "config" && L(
    o,
    M(n),
    A(n, t)
  ), o;
}
function L(e, n, t) {
  if (t === null)
    return;
  const o = O(n, t);
  t.isWrite ? e.write.push(o) : e.read.push(o);
}
const C = {
  short: /* @__PURE__ */ new Map([
    ["c", !0]
    //  -c <k=v>    set config key for this invocation
  ])
}, I = {
  short: new Map([
    ["C", !0],
    //  -C <path>   change working directory
    ["P", !1],
    // -P          no pager (alias for --no-pager)
    ["h", !1],
    // -h          help
    ["p", !1],
    // -p          paginate
    ["v", !1],
    // -v          version
    ...C.short.entries()
  ]),
  long: /* @__PURE__ */ new Set([
    "attr-source",
    "config-env",
    "exec-path",
    "git-dir",
    "list-cmds",
    "namespace",
    "super-prefix",
    "work-tree"
  ])
}, R = {
  clone: {
    short: /* @__PURE__ */ new Map([
      ["b", !0],
      // -b <branch>
      ["j", !0],
      // -j <n>          parallel jobs
      ["l", !1],
      // -l local
      ["n", !1],
      // -n no-checkout
      ["o", !0],
      // -o <name>       remote name
      ["q", !1],
      // -q quiet
      ["s", !1],
      // -s shared
      ["u", !0]
      // -u <upload-pack>
    ]),
    long: /* @__PURE__ */ new Set(["branch", "config", "jobs", "origin", "upload-pack", "u", "template"])
  },
  commit: {
    short: /* @__PURE__ */ new Map([
      ["C", !0],
      // -C <commit>  reuse message
      ["F", !0],
      // -F <file>    read message from file
      ["c", !0],
      // -c <commit>  reedit message
      ["m", !0],
      // -m <msg>
      ["t", !0]
      // -t <template>
    ]),
    long: /* @__PURE__ */ new Set(["file", "message", "reedit-message", "reuse-message", "template"])
  },
  config: {
    short: /* @__PURE__ */ new Map([
      ["e", !1],
      // -e  open editor
      ["f", !0],
      //  -f <file>
      ["l", !1]
      // -l  list
    ]),
    long: /* @__PURE__ */ new Set(["blob", "comment", "default", "file", "type", "value"])
  },
  fetch: {
    short: /* @__PURE__ */ new Map(),
    long: /* @__PURE__ */ new Set(["upload-pack"])
  },
  init: {
    short: /* @__PURE__ */ new Map(),
    long: /* @__PURE__ */ new Set(["template"])
  },
  pull: {
    short: /* @__PURE__ */ new Map(),
    long: /* @__PURE__ */ new Set(["upload-pack"])
  },
  push: {
    short: /* @__PURE__ */ new Map(),
    long: /* @__PURE__ */ new Set(["exec", "receive-pack"])
  },
  rebase: {
    short: /* @__PURE__ */ new Map([
      ["X", !0],
      // -X <option>   strategy option
      ["f", !1],
      // -f force-rebase
      ["i", !1],
      // -i interactive
      ["k", !1],
      // -k keep-base
      ["m", !1],
      // -m merge
      ["n", !1],
      // -n no-stat
      ["q", !1],
      // -q quiet
      ["r", !1],
      // -r rebase-merges
      ["s", !0],
      // -s <strategy>
      ["v", !1],
      // -v verbose
      ["x", !0]
      // -x <cmd>      exec
    ]),
    long: /* @__PURE__ */ new Set(["exec", "onto", "strategy", "strategy-option"])
  }
}, T = { short: /* @__PURE__ */ new Map(), long: /* @__PURE__ */ new Set() };
function B(e) {
  const n = R[e ?? ""] ?? T;
  return {
    short: new Map([...C.short.entries(), ...n.short.entries()]),
    long: n.long
  };
}
function b(e, n = I) {
  if (e.startsWith("--")) {
    const t = e.indexOf("=");
    if (t > 2)
      return [{ name: e.slice(0, t), value: e.slice(t + 1), needsNext: !1 }];
    const o = e.slice(2);
    return [{ name: e, needsNext: n.long.has(o) }];
  }
  if (e.length === 2) {
    const t = e.charAt(1), o = n.short.get(t);
    return [{ name: e, needsNext: o === !0 }];
  }
  return j(e, n.short);
}
function j(e, n) {
  const t = e.slice(1).split(""), o = [];
  for (let a = 0; a < t.length; a++) {
    const s = t[a], r = n.get(s);
    if (r === void 0)
      return [{ name: e, needsNext: !1 }];
    if (r) {
      const i = t.slice(a + 1).join("");
      if (i && ![...i].every((m) => n.has(m)))
        return o.push({ name: `-${s}`, value: i, needsNext: !1 }), o;
    }
    o.push({ name: `-${s}`, needsNext: r });
  }
  return o;
}
function W(e, n = []) {
  let t = 0;
  for (; t < e.length; ) {
    const o = String(e[t]);
    if (!o.startsWith("-") || o.length < 2) break;
    const a = b(o);
    let s = t + 1;
    for (const r of a) {
      const i = {
        name: r.name,
        value: r.value,
        absorbedNext: !1,
        isGlobal: !0
      };
      r.needsNext && i.value === void 0 && s < e.length && (i.value = String(e[s]), i.absorbedNext = !0, s++), n.push(i);
    }
    t = s;
  }
  return { flags: n, taskIndex: t };
}
function V(e, n, t = []) {
  const o = B(n), a = [], s = [];
  let r = 0;
  for (; r < e.length; ) {
    const i = e[r];
    if (dist_r(i)) {
      s.push(...dist_o(i)), r++;
      continue;
    }
    const p = String(i);
    if (p === "--") {
      for (let d = r + 1; d < e.length; d++) {
        const g = e[d];
        dist_r(g) ? s.push(...dist_o(g)) : s.push(String(g));
      }
      break;
    }
    if (!p.startsWith("-") || p.length < 2) {
      a.push(p), r++;
      continue;
    }
    const m = b(p, o);
    let u = r + 1;
    for (const d of m) {
      const g = {
        name: d.name,
        value: d.value,
        absorbedNext: !1,
        isGlobal: !1
      };
      d.needsNext && g.value === void 0 && u < e.length && !dist_r(e[u]) && (g.value = String(e[u]), g.absorbedNext = !0, u++), t.push(g);
    }
    r = u;
  }
  return { flags: t, positionals: a, pathspecs: s };
}
function* q({
  write: e
}) {
  for (const n of e)
    for (const t of K) {
      const o = t(n.key);
      o && (yield o);
    }
}
function f(e, n, t = String(e)) {
  const o = typeof e == "string" ? new RegExp(`\\s*${e.toLowerCase()}`) : e;
  return function(s) {
    if (o.test(s))
      return {
        category: n,
        message: `Configuring ${t} is not permitted without enabling ${n}`
      };
  };
}
function l(e, n) {
  const t = new RegExp(`\\s*${e.toLowerCase().replace(/\./g, "(..+)?.")}`);
  return f(t, n, e);
}
const K = [
  f("alias", "allowUnsafeAlias"),
  f("core.askPass", "allowUnsafeAskPass"),
  f("core.editor", "allowUnsafeEditor"),
  f("core.fsmonitor", "allowUnsafeFsMonitor"),
  f("core.gitProxy", "allowUnsafeGitProxy"),
  f("core.hooksPath", "allowUnsafeHooksPath"),
  f("core.pager", "allowUnsafePager"),
  f("core.sshCommand", "allowUnsafeSshCommand"),
  l("credential.helper", "allowUnsafeCredentialHelper"),
  l("diff.command", "allowUnsafeDiffExternal"),
  f("diff.external", "allowUnsafeDiffExternal"),
  l("difftool.cmd", "allowUnsafeDiffExternal"),
  l("diff.textconv", "allowUnsafeDiffTextConv"),
  l("filter.clean", "allowUnsafeFilter"),
  l("filter.process", "allowUnsafeFilter"),
  l("filter.smudge", "allowUnsafeFilter"),
  l("gpg.program", "allowUnsafeGpgProgram"),
  f("include.path", "allowUnsafeInclude"),
  l("includeIf", "allowUnsafeInclude"),
  f("init.templateDir", "allowUnsafeTemplateDir"),
  l("pager.", "allowUnsafePager"),
  l("merge.driver", "allowUnsafeMergeDriver"),
  l("mergetool.path", "allowUnsafeMergeDriver"),
  l("mergetool.cmd", "allowUnsafeMergeDriver"),
  l("protocol.allow", "allowUnsafeProtocolOverride"),
  l("remote.receivepack", "allowUnsafePack"),
  l("remote.uploadpack", "allowUnsafePack"),
  f("uploadpack.packObjectsHook", "allowUnsafePack"),
  f("sequence.editor", "allowUnsafeEditor"),
  l("submodule.update", "allowUnsafeSubmodule"),
  l("tar.command", "allowUnsafeCommandBinaries"),
  l("trailer.cmd", "allowUnsafeCommandBinaries"),
  l("trailer.command", "allowUnsafeCommandBinaries"),
  l("url.insteadOf", "allowUnsafeUrlRewrite")
];
function* H(e, n) {
  for (const t of n)
    for (const o of X) {
      const a = o(e, t);
      a && (yield a);
    }
}
function c(e, n, t, { name: o = String(n), globalOnly: a = !1, withValue: s = !1 } = {}) {
  const r = typeof n == "string" ? new RegExp(`\\s*${n.toLowerCase()}`) : n, i = `Use of ${e ? `${e} with option ` : ""}${o} is not permitted without enabling ${t}`;
  return function(m, u) {
    if (!(e && m !== e) && !(a && !u.isGlobal) && !(s && u.value === void 0) && r.test(u.name))
      return {
        category: t,
        message: i
      };
  };
}
const h = { globalOnly: !0, withValue: !0 }, X = [
  c(null, /--(upload|receive)-pack/, "allowUnsafePack", {
    name: "--upload-pack or --receive-pack"
  }),
  c("clone", /^-\w*u/, "allowUnsafePack"),
  c("clone", "--u", "allowUnsafePack"),
  c("push", /^--exec$/, "allowUnsafePack", { name: "--exec" }),
  // `git` accepts unambiguous abbreviations of long options, so `--ex` and `--exe` are `--exec`
  c("rebase", /^(-x|--ex(ec?)?)$/, "allowUnsafeExec", { name: "-x or --exec" }),
  c(null, "--template", "allowUnsafeTemplateDir"),
  c(null, "--exec-path", "allowUnsafeExec", h),
  // `git` reads the configuration of whichever repository these name, so the
  // directory alone is enough to deliver config the argv guards never see
  c(null, "--git-dir", "allowUnsafeConfigPaths", h),
  c(null, "--work-tree", "allowUnsafeConfigPaths", h),
  c(null, /^-C$/, "allowUnsafeConfigPaths", { ...h, name: "-C" })
];
function k(e, n, t) {
  return [...H(e, n), ...q(t)];
}
function Y(...e) {
  const { flags: n, taskIndex: t } = W(e), o = t < e.length ? String(e[t]).toLowerCase() : null, a = o !== null ? e.slice(t + 1) : [], { positionals: s, pathspecs: r } = V(a, o, n), i = D(o, n, s);
  return {
    task: o,
    flags: n.map(J),
    paths: r,
    config: i,
    vulnerabilities: z(k(o, n, i))
  };
}
function z(e) {
  return Object.defineProperty(e, "vulnerabilities", {
    value: e
  });
}
function J({ value: e, name: n }) {
  return e !== void 0 ? { name: n, value: e } : { name: n };
}
const y = {
  editor: "allowUnsafeEditor",
  git_askpass: "allowUnsafeAskPass",
  git_config_global: "allowUnsafeConfigPaths",
  git_config_system: "allowUnsafeConfigPaths",
  git_config_count: "allowUnsafeConfigEnvCount",
  git_config_parameters: "allowUnsafeConfigEnvCount",
  git_config: "allowUnsafeConfigPaths",
  git_editor: "allowUnsafeEditor",
  git_exec_path: "allowUnsafeExec",
  git_external_diff: "allowUnsafeDiffExternal",
  git_pager: "allowUnsafePager",
  git_proxy_command: "allowUnsafeGitProxy",
  git_template_dir: "allowUnsafeTemplateDir",
  git_sequence_editor: "allowUnsafeEditor",
  git_ssh: "allowUnsafeSshCommand",
  git_ssh_command: "allowUnsafeSshCommand",
  pager: "allowUnsafePager",
  prefix: "allowUnsafeConfigPaths",
  ssh_askpass: "allowUnsafeAskPass",
  visual: "allowUnsafeEditor"
};
function* Q(e) {
  const n = parseInt(e.git_config_count ?? "0", 10);
  for (let t = 0; t < n; t++) {
    const o = e[`git_config_key_${t}`], a = e[`git_config_value_${t}`];
    o !== void 0 && (yield { key: o.toLowerCase().trim(), value: a, scope: "env" });
  }
}
function* Z(e) {
  for (const n of Object.keys(e))
    if (_(n)) {
      const t = y[n];
      yield {
        category: t,
        message: `Use of "${n.toUpperCase()}" is not permitted without enabling ${t}`
      };
    }
}
function _(e) {
  return Object.hasOwn(y, e);
}
function ee(e) {
  const n = {};
  for (const [t, o] of Object.entries(e)) {
    const a = t.toLowerCase().trim();
    (_(a) || a.startsWith("git")) && (n[a] = String(o));
  }
  return n;
}
function ne(e) {
  const n = ee(e), t = {
    read: [],
    write: [...Q(n)]
  }, o = [
    ...Z(n),
    ...k(null, [], t)
  ];
  return {
    config: t,
    vulnerabilities: o
  };
}
function oe(e, n) {
  return [...Y(...e).vulnerabilities, ...ne(n).vulnerabilities];
}

//# sourceMappingURL=index.mjs.map

;// CONCATENATED MODULE: external "node:events"
const external_node_events_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");
;// CONCATENATED MODULE: ./node_modules/simple-git/dist/index.mjs









class dist_O extends Error {
  constructor(e, n) {
    super(n), this.task = e, Object.setPrototypeOf(this, new.target.prototype);
  }
}
class Ae extends dist_O {
  constructor(e, n) {
    super(void 0, n), this.config = e;
  }
}
class dist_A extends dist_O {
  constructor(e, n, r) {
    super(e, r), this.task = e, this.plugin = n, Object.setPrototypeOf(this, new.target.prototype);
  }
}
class at extends dist_O {
  constructor(e, n) {
    super(void 0, n || String(e)), this.git = e;
  }
}
class xe extends dist_O {
  constructor(e) {
    super(void 0, e);
  }
}
const dist_I = "\0", dist_W = () => {
};
function Ne(t) {
  return typeof t != "function" ? dist_W : t;
}
function $e(t) {
  return typeof t == "function" && t !== dist_W;
}
function Pe(t, e) {
  const n = t.indexOf(e);
  return n <= 0 ? [t, ""] : [t.substr(0, n), t.substr(n + 1)];
}
function Me(t, e = 0) {
  return Dt(t) && t.length > e ? t[e] : void 0;
}
function dist_N(t, e = 0) {
  if (Dt(t) && t.length > e)
    return t[t.length - 1 - e];
}
function Dt(t) {
  return Bt(t);
}
function dist_H(t = "", e = !0, n = `
`) {
  return t.split(n).reduce((r, s) => {
    const o = e ? s.trim() : s;
    return o && r.push(o), r;
  }, []);
}
function ut(t, e) {
  return dist_H(t, !0).map((n) => e(n));
}
function Lt(t) {
  return (0,dist.exists)(t, dist.FOLDER);
}
function dist_S(t, e) {
  return Array.isArray(t) ? t.includes(e) || t.push(e) : t.add(e), e;
}
function De(t, e) {
  return Array.isArray(t) && !t.includes(e) && t.push(e), t;
}
function ct(t, e) {
  if (Array.isArray(t)) {
    const n = t.indexOf(e);
    n >= 0 && t.splice(n, 1);
  } else
    t.delete(e);
  return e;
}
const ft = Object.prototype.toString.call.bind(Object.prototype.toString);
function v(t) {
  return Array.isArray(t) ? t : [t];
}
function jt(t) {
  return t.replace(/[\s-]+(.)/g, (e, n) => n.toUpperCase());
}
function dist_L(t) {
  return v(t).map((e) => e instanceof String ? e : String(e));
}
function p(t, e = 0) {
  if (t == null)
    return e;
  const n = parseInt(t, 10);
  return Number.isNaN(n) ? e : n;
}
function U(t, e) {
  const n = [];
  for (let r = 0, s = t.length; r < s; r++)
    n.push(e, t[r]);
  return n;
}
function dist_F(t) {
  return (Array.isArray(t) ? Buffer.concat(t) : t).toString("utf-8");
}
function Le(t) {
  return t ? Buffer.isBuffer(t) ? t.length : Buffer.byteLength(t) : 0;
}
function je(t, e) {
  const n = {};
  return e.forEach((r) => {
    t[r] !== void 0 && (n[r] = t[r]);
  }), n;
}
function wt(t = 0) {
  return new Promise((e) => setTimeout(e, t));
}
function bt(t) {
  if (t !== !1)
    return t;
}
function d(t, e, n) {
  return e(t) ? t : arguments.length > 2 ? n : void 0;
}
const dist_K = (t) => Array.isArray(t);
function st(t, e) {
  const n = dist_r(t) ? "string" : typeof t;
  return /number|string|boolean/.test(n) && (!e || !e.includes(n));
}
const m = (t) => typeof t == "string" || dist_r(t), Be = (t) => m(t) || Buffer.isBuffer(t), dist_G = (t) => m(t) || Array.isArray(t) && t.every(m);
function lt(t) {
  return !!t && ft(t) === "[object Object]";
}
function Ie(t) {
  return typeof t == "function";
}
const Bt = (t) => t == null || "number|boolean|function".includes(typeof t) ? !1 : typeof t.length == "number";
var dist_V = /* @__PURE__ */ ((t) => (t[t.SUCCESS = 0] = "SUCCESS", t[t.ERROR = 1] = "ERROR", t[t.NOT_FOUND = -2] = "NOT_FOUND", t[t.UNCLEAN = 128] = "UNCLEAN", t))(dist_V || {});
class dist_z {
  constructor(e, n) {
    this.stdOut = e, this.stdErr = n;
  }
  asStrings() {
    return new dist_z(this.stdOut.toString("utf8"), this.stdErr.toString("utf8"));
  }
}
function Ue() {
  throw new Error("LineParser:useMatches not implemented");
}
class dist_l {
  constructor(e, n) {
    this.matches = [], this.useMatches = Ue, this.parse = (r, s) => (this.resetMatches(), this._regExp.every((o, i) => this.addMatch(o, i, r(i))) ? this.useMatches(s, this.prepareMatches()) !== !1 : !1), this._regExp = Array.isArray(e) ? e : [e], n && (this.useMatches = n);
  }
  resetMatches() {
    this.matches.length = 0;
  }
  prepareMatches() {
    return this.matches;
  }
  addMatch(e, n, r) {
    const s = r && e.exec(r);
    return s && this.pushMatch(n, s), !!s;
  }
  pushMatch(e, n) {
    this.matches.push(...n.slice(1));
  }
}
class dist_x extends dist_l {
  addMatch(e, n, r) {
    return /^remote:\s/.test(String(r)) && super.addMatch(e, n, r);
  }
  pushMatch(e, n) {
    (e > 0 || n.length > 1) && super.pushMatch(e, n);
  }
}
const Fe = {
  binary: "git",
  maxConcurrentProcesses: 5,
  config: [],
  trimmed: !1
};
function Ge(...t) {
  const e = process.cwd(), n = Object.assign(
    { baseDir: e, ...Fe },
    ...t.filter((r) => typeof r == "object" && r)
  );
  return n.baseDir = n.baseDir || e, n.trimmed = n.trimmed === !0, n;
}
function It(t, e = []) {
  return lt(t) ? Object.keys(t).reduce((n, r) => {
    const s = t[r];
    if (dist_r(s))
      n.push(s);
    else if (st(s, ["boolean"]))
      n.push(r + "=" + s);
    else if (Array.isArray(s))
      for (const o of s)
        st(o, ["string", "number"]) || n.push(r + "=" + o);
    else
      n.push(r);
    return n;
  }, e) : e;
}
function dist_h(t, e = 0, n = !1) {
  const r = [];
  for (let s = 0, o = e < 0 ? t.length : e; s < o; s++)
    "string|number".includes(typeof t[s]) && r.push(String(t[s]));
  return It(ht(t), r), n || r.push(...ze(t)), r;
}
function ze(t) {
  const e = typeof dist_N(t) == "function";
  return dist_L(d(dist_N(t, e ? 1 : 0), dist_K, []));
}
function ht(t) {
  const e = Ie(dist_N(t));
  return d(dist_N(t, e ? 1 : 0), lt);
}
function u(t, e = !0) {
  const n = Ne(dist_N(t));
  return e || $e(n) ? n : void 0;
}
function Tt(t, e) {
  return t(e.stdOut, e.stdErr);
}
function dist_E(t, e, n, r = !0) {
  return v(n).forEach((s) => {
    for (let o = dist_H(s, r), i = 0, a = o.length; i < a; i++) {
      const c = (y = 0) => {
        if (!(i + y >= a))
          return o[i + y];
      };
      e.some(({ parse: y }) => y(c, t));
    }
  }), t;
}
var qe = /* @__PURE__ */ ((t) => (t.BARE = "bare", t.IN_TREE = "tree", t.IS_REPO_ROOT = "root", t))(qe || {});
const mt = ({ exitCode: t }, e, n, r) => {
  if (t === dist_V.UNCLEAN && Ve(e))
    return n(Buffer.from("false"));
  r(e);
}, Ut = (t) => t.trim() === "true";
function We(t) {
  switch (t) {
    case "bare":
      return Ke();
    case "root":
      return He();
  }
  return {
    commands: ["rev-parse", "--is-inside-work-tree"],
    format: "utf-8",
    onError: mt,
    parser: Ut
  };
}
function He() {
  return {
    commands: ["rev-parse", "--git-dir"],
    format: "utf-8",
    onError: mt,
    parser(e) {
      return /^\.(git)?$/.test(e.trim());
    }
  };
}
function Ke() {
  return {
    commands: ["rev-parse", "--is-bare-repository"],
    format: "utf-8",
    onError: mt,
    parser: Ut
  };
}
function Ve(t) {
  return /(Not a git repository|Kein Git-Repository)/i.test(String(t));
}
class Xe {
  constructor(e) {
    this.paths = [], this.files = [], this.folders = [], this.dryRun = e;
  }
}
const Ye = /^[a-z]+\s*/i, Qe = /^[a-z]+\s+[a-z]+\s*/i, Je = /\/$/;
function Ze(t, e) {
  const n = new Xe(t), r = t ? Qe : Ye;
  return dist_H(e).forEach((s) => {
    const o = s.replace(r, "");
    n.paths.push(o), (Je.test(o) ? n.folders : n.files).push(o);
  }), n;
}
const Ft = [];
function tn(t) {
  return {
    commands: Ft,
    format: "empty",
    parser: t
  };
}
function dist_b(t) {
  return {
    commands: Ft,
    format: "empty",
    parser() {
      throw typeof t == "string" ? new xe(t) : t;
    }
  };
}
function g(t, e = !1) {
  return {
    commands: t,
    format: "utf-8",
    parser(n) {
      return e ? String(n).trim() : n;
    }
  };
}
function Gt(t) {
  return {
    commands: t,
    format: "buffer",
    parser(e) {
      return e;
    }
  };
}
function en(t) {
  return t.format === "buffer";
}
function kt(t) {
  return t.format === "empty" || !t.commands.length;
}
const nn = "Git clean interactive mode is not supported", rn = 'Git clean mode parameter ("n" or "f") is required', sn = "Git clean unknown option found in: ";
var zt = /* @__PURE__ */ ((t) => (t.DRY_RUN = "n", t.FORCE = "f", t.IGNORED_INCLUDED = "x", t.IGNORED_ONLY = "X", t.EXCLUDING = "e", t.QUIET = "q", t.RECURSIVE = "d", t))(zt || {});
const qt = /* @__PURE__ */ new Set([
  "i",
  ...dist_L(Object.values(zt))
]);
function on(t, e) {
  const { cleanMode: n, options: r, valid: s } = cn(t);
  return n ? s.options ? (r.push(...e), r.some(hn) ? dist_b(nn) : an(n, r)) : dist_b(sn + JSON.stringify(t)) : dist_b(rn);
}
function an(t, e) {
  return {
    commands: ["clean", `-${t}`, ...e],
    format: "utf-8",
    parser(r) {
      return Ze(t === "n", r);
    }
  };
}
function un(t) {
  return Array.isArray(t) && t.every((e) => qt.has(e));
}
function cn(t) {
  let e, n = [], r = { cleanMode: !1, options: !0 };
  return t.replace(/[^a-z]i/g, "").split("").forEach((s) => {
    fn(s) ? (e = s, r.cleanMode = !0) : r.options = r.options && ln(n[n.length] = `-${s}`);
  }), {
    cleanMode: e,
    options: n,
    valid: r
  };
}
function fn(t) {
  return t === "f" || t === "n";
}
function ln(t) {
  return /^-[a-z]$/i.test(t) && qt.has(t.charAt(1));
}
function hn(t) {
  return /^-[^\-]/.test(t) ? t.indexOf("i") > 0 : t === "--interactive";
}
class mn {
  constructor() {
    this.files = [], this.values = /* @__PURE__ */ Object.create(null);
  }
  get all() {
    return this._all || (this._all = this.files.reduce((e, n) => Object.assign(e, this.values[n]), {})), this._all;
  }
  addFile(e) {
    if (!(e in this.values)) {
      const n = dist_N(this.files);
      this.values[e] = n ? Object.create(this.values[n]) : {}, this.files.push(e);
    }
    return this.values[e];
  }
  addValue(e, n, r) {
    const s = this.addFile(e);
    Object.hasOwn(s, n) ? Array.isArray(s[n]) ? s[n].push(r) : s[n] = [s[n], r] : s[n] = r, this._all = void 0;
  }
}
function pn(t) {
  const e = new mn();
  for (const n of Wt(t))
    e.addValue(n.file, String(n.key), n.value);
  return e;
}
function dn(t, e) {
  let n = null;
  const r = [], s = /* @__PURE__ */ new Map();
  for (const o of Wt(t, e))
    o.key === e && (r.push(n = o.value), s.has(o.file) || s.set(o.file, []), s.get(o.file).push(n));
  return {
    key: e,
    paths: Array.from(s.keys()),
    scopes: s,
    value: n,
    values: r
  };
}
function gn(t) {
  return t.replace(/^(file):/, "");
}
function* Wt(t, e = null) {
  const n = t.split("\0");
  for (let r = 0, s = n.length - 1; r < s; ) {
    const o = gn(n[r++]);
    let i = n[r++], a = e;
    if (i.includes(`
`)) {
      const c = Pe(i, `
`);
      a = c[0], i = c[1];
    }
    yield { file: o, key: a, value: i };
  }
}
var Ht = /* @__PURE__ */ ((t) => (t.system = "system", t.global = "global", t.local = "local", t.worktree = "worktree", t))(Ht || {});
function dist_Y(t, e) {
  return typeof t == "string" && Object.hasOwn(Ht, t) ? t : e;
}
function yn(t, e, n, r) {
  const s = ["config", `--${r}`];
  return n && s.push("--add"), s.push(t, e), {
    commands: s,
    format: "utf-8",
    parser(o) {
      return o;
    }
  };
}
function wn(t, e) {
  const n = ["config", "--null", "--show-origin", "--get-all", t];
  return e && n.splice(1, 0, `--${e}`), {
    commands: n,
    format: "utf-8",
    parser(r) {
      return dn(r, t);
    }
  };
}
function bn(t) {
  const e = ["config", "--list", "--show-origin", "--null"];
  return t && e.push(`--${t}`), {
    commands: e,
    format: "utf-8",
    parser(n) {
      return pn(n);
    }
  };
}
function Tn() {
  return {
    addConfig(t, e, ...n) {
      return this._runTask(
        yn(
          t,
          e,
          n[0] === !0,
          dist_Y(
            n[1],
            "local"
            /* local */
          )
        ),
        u(arguments)
      );
    },
    getConfig(t, e) {
      return this._runTask(
        wn(t, dist_Y(e, void 0)),
        u(arguments)
      );
    },
    listConfig(...t) {
      return this._runTask(
        bn(dist_Y(t[0], void 0)),
        u(arguments)
      );
    }
  };
}
var Kt = /* @__PURE__ */ ((t) => (t.ADDED = "A", t.COPIED = "C", t.DELETED = "D", t.MODIFIED = "M", t.RENAMED = "R", t.CHANGED = "T", t.UNMERGED = "U", t.UNKNOWN = "X", t.BROKEN = "B", t))(Kt || {});
const kn = new Set(Object.values(Kt));
function _n(t) {
  return kn.has(t);
}
var _t;
const vn = ["-h"], dist_j = /* @__PURE__ */ Symbol("grepQuery");
class En {
  constructor() {
    this[_t] = [];
  }
  *[(_t = dist_j, Symbol.iterator)]() {
    for (const e of this[dist_j])
      yield e;
  }
  and(...e) {
    return e.length && this[dist_j].push("--and", "(", ...U(e, "-e"), ")"), this;
  }
  param(...e) {
    return this[dist_j].push(...U(e, "-e")), this;
  }
}
function Sn(...t) {
  return new En().param(...t);
}
function Rn(t) {
  const e = /* @__PURE__ */ new Set(), n = {};
  return ut(t, (r) => {
    const [s, o, i] = r.split(dist_I);
    e.add(s), (n[s] = n[s] || []).push({
      line: p(o),
      path: s,
      preview: i
    });
  }), {
    paths: e,
    results: n
  };
}
function On() {
  return {
    grep(t) {
      const e = u(arguments), n = dist_h(arguments);
      for (const s of vn)
        if (n.includes(s))
          return this._runTask(
            dist_b(`git.grep: use of "${s}" is not supported.`),
            e
          );
      typeof t == "string" && (t = Sn().param(t));
      const r = ["grep", "--null", "-n", "--full-name", ...n, ...t];
      return this._runTask(
        {
          commands: r,
          format: "utf-8",
          parser(s) {
            return Rn(s);
          }
        },
        e
      );
    }
  };
}
var Vt = /* @__PURE__ */ ((t) => (t.MIXED = "mixed", t.SOFT = "soft", t.HARD = "hard", t.MERGE = "merge", t.KEEP = "keep", t))(Vt || {});
const Cn = dist_L(Object.values(Vt));
function An(t, e) {
  const n = ["reset"];
  return Xt(t) && n.push(`--${t}`), n.push(...e), g(n);
}
function xn(t) {
  if (Xt(t))
    return t;
  switch (typeof t) {
    case "string":
    case "undefined":
      return "soft";
  }
}
function Xt(t) {
  return typeof t == "string" && Cn.includes(t);
}
src.formatters.L = (t) => String(Bt(t) ? t.length : "-");
src.formatters.B = (t) => Buffer.isBuffer(t) ? t.toString("utf8") : ft(t);
function Nn() {
  return src("simple-git");
}
function vt(t, e, n) {
  return !e || !String(e).replace(/\s*/, "") ? n ? (r, ...s) => {
    t(r, ...s), n(r, ...s);
  } : t : (r, ...s) => {
    t(`%s ${r}`, e, ...s), n && n(r, ...s);
  };
}
function $n(t, e, { namespace: n }) {
  if (typeof t == "string")
    return t;
  const r = e && e.namespace || "";
  return r.startsWith(n) ? r.substr(n.length + 1) : r || n;
}
function dist_$(t, e, n, r = Nn()) {
  const s = t && `[${t}]` || "", o = [], i = typeof e == "string" ? r.extend(e) : e, a = $n(d(e, m), i, r);
  return y(n);
  function c(w, T) {
    return dist_S(
      o,
      dist_$(t, a.replace(/^[^:]+/, w), T, r)
    );
  }
  function y(w) {
    const T = w && `[${w}]` || "", k = i && vt(i, T) || dist_W, C = vt(r, `${s} ${T}`, k);
    return Object.assign(i ? k : C, {
      label: t,
      sibling: c,
      info: C,
      step: y
    });
  }
}
const dist_M = class M {
  constructor(e = "GitExecutor") {
    this.logLabel = e, this._queue = /* @__PURE__ */ new Map();
  }
  withProgress(e) {
    return this._queue.get(e);
  }
  createProgress(e) {
    const n = M.getName(e.commands[0]), r = dist_$(this.logLabel, n);
    return {
      task: e,
      logger: r,
      name: n
    };
  }
  push(e) {
    const n = this.createProgress(e);
    return n.logger("Adding task to the queue, commands = %o", e.commands), this._queue.set(e, n), n;
  }
  fatal(e) {
    for (const [n, { logger: r }] of Array.from(this._queue.entries()))
      n === e.task ? (r.info("Failed %o", e), r(
        "Fatal exception, any as-yet un-started tasks run through this executor will not be attempted"
      )) : r.info(
        "A fatal exception occurred in a previous task, the queue has been purged: %o",
        e.message
      ), this.complete(n);
    if (this._queue.size !== 0)
      throw new Error(`Queue size should be zero after fatal: ${this._queue.size}`);
  }
  complete(e) {
    this.withProgress(e) && this._queue.delete(e);
  }
  attempt(e) {
    const n = this.withProgress(e);
    if (!n)
      throw new dist_O(void 0, "TasksPendingQueue: attempt called for an unknown task");
    return n.logger("Starting task"), n;
  }
  static getName(e = "empty") {
    return `task:${e}:${++M.counter}`;
  }
};
dist_M.counter = 0;
let ot = dist_M;
class Pn {
  constructor(e, n, r) {
    this._executor = e, this._scheduler = n, this._plugins = r, this._chain = Promise.resolve(), this._queue = new ot();
  }
  get cwd() {
    return this._cwd || this._executor.cwd;
  }
  set cwd(e) {
    this._cwd = e;
  }
  get env() {
    return this._executor.env;
  }
  get outputHandler() {
    return this._executor.outputHandler;
  }
  chain() {
    return this;
  }
  push(e) {
    return this._queue.push(e), this._chain = this._chain.then(() => this.attemptTask(e));
  }
  async attemptTask(e) {
    const n = await this._scheduler.next(), r = () => this._queue.complete(e);
    try {
      const { logger: s } = this._queue.attempt(e);
      return await (kt(e) ? this.attemptEmptyTask(e, s) : this.attemptRemoteTask(e, s));
    } catch (s) {
      throw this.onFatalException(e, s);
    } finally {
      r(), n();
    }
  }
  onFatalException(e, n) {
    const r = n instanceof dist_O ? Object.assign(n, { task: e }) : new dist_O(e, n && String(n));
    return this._chain = Promise.resolve(), this._queue.fatal(r), r;
  }
  async attemptRemoteTask(e, n) {
    const r = this._plugins.exec("spawn.binary", "", this.taskContext(e, e.commands)), s = this._plugins.exec(
      "spawn.args",
      [...e.commands],
      this.taskContext(e, e.commands)
    ), o = await this.gitResponse(
      e,
      r,
      s,
      this.outputHandler,
      n.step("SPAWN")
    ), i = await this.handleTaskData(e, s, o, n.step("HANDLE"));
    return n("passing response to task's parser as a %s", e.format), en(e) ? Tt(e.parser, i) : Tt(e.parser, i.asStrings());
  }
  async attemptEmptyTask(e, n) {
    return n("empty task bypassing child process to call to task's parser"), e.parser(this);
  }
  handleTaskData(e, n, r, s) {
    const { exitCode: o, rejection: i, stdOut: a, stdErr: c } = r;
    return new Promise((y, w) => {
      s("Preparing to handle process response exitCode=%d stdOut=", o);
      const { error: T } = this._plugins.exec(
        "task.error",
        { error: i },
        {
          ...this.taskContext(e, n),
          ...r
        }
      );
      if (T && e.onError)
        return s.info("exitCode=%s handling with custom error handler"), e.onError(
          r,
          T,
          (k) => {
            s.info("custom error handler treated as success"), s("custom error returned a %s", ft(k)), y(
              new dist_z(
                Array.isArray(k) ? Buffer.concat(k) : k,
                Buffer.concat(c)
              )
            );
          },
          w
        );
      if (T)
        return s.info(
          "handling as error: exitCode=%s stdErr=%s rejection=%o",
          o,
          c.length,
          i
        ), w(T);
      s.info("retrieving task output complete"), y(new dist_z(Buffer.concat(a), Buffer.concat(c)));
    });
  }
  async gitResponse(e, n, r, s, o) {
    const i = o.sibling("output"), a = this._plugins.exec(
      "spawn.options",
      {
        cwd: this.cwd,
        env: this.env,
        windowsHide: !0
      },
      this.taskContext(e, e.commands)
    );
    return new Promise((c) => {
      const y = [], w = [];
      o.info("%s %o", n, r), o("%O", a);
      let T = this._beforeSpawn(e, r);
      if (T)
        return c({
          stdOut: y,
          stdErr: w,
          exitCode: 9901,
          rejection: T
        });
      this._plugins.exec("spawn.before", void 0, {
        ...this.taskContext(e, r),
        kill(C) {
          T = C || T;
        }
      });
      const k = (0,external_node_child_process_namespaceObject.spawn)(n, r, a);
      k.stdout.on(
        "data",
        Et(y, "stdOut", o, i.step("stdOut"))
      ), k.stderr.on(
        "data",
        Et(w, "stdErr", o, i.step("stdErr"))
      ), k.on("error", Mn(w, o)), s && (o("Passing child process stdOut/stdErr to custom outputHandler"), s(n, k.stdout, k.stderr, [...r])), this._plugins.exec("spawn.after", void 0, {
        ...this.taskContext(e, r),
        spawned: k,
        close(C, Te) {
          c({
            stdOut: y,
            stdErr: w,
            exitCode: C,
            rejection: T || Te
          });
        },
        kill(C) {
          k.killed || (T = C, k.kill("SIGINT"));
        }
      });
    });
  }
  _beforeSpawn(e, n) {
    let r;
    return this._plugins.exec("spawn.before", void 0, {
      ...this.taskContext(e, n),
      kill(s) {
        r = s || r;
      }
    }), r;
  }
  taskContext(e, n) {
    return {
      method: String(Me(e.commands) || ""),
      commands: n,
      env: { ...this.env },
      input: kt(e) ? void 0 : e.input
    };
  }
}
function Mn(t, e) {
  return (n) => {
    e("[ERROR] child process exception %o", n), t.push(Buffer.from(String(n.stack), "ascii"));
  };
}
function Et(t, e, n, r) {
  return (s) => {
    n("%s received %L bytes", e, s), r("%B", s), t.push(s);
  };
}
class Dn {
  constructor(e, n, r) {
    this.cwd = e, this._scheduler = n, this._plugins = r, this._chain = this.chain();
  }
  chain() {
    return new Pn(this, this._scheduler, this._plugins);
  }
  push(e) {
    return this._chain.push(e);
  }
}
function Ln(t, e, n = dist_W) {
  const r = (o) => {
    n(null, o);
  }, s = (o) => {
    o?.task === t && n(o, void 0);
  };
  e.then(r, s);
}
function St(t, e) {
  return tn((n) => {
    if (!Lt(t))
      throw new Error(`Git.cwd: cannot change to non-directory "${t}"`);
    return (e || n).cwd = t;
  });
}
function dist_Q(t) {
  const e = ["checkout", ...t];
  return e[1] === "-b" && e.includes("-B") && (e[1] = ct(e, "-B")), g(e);
}
function jn() {
  return {
    checkout() {
      return this._runTask(
        dist_Q(dist_h(arguments, 1)),
        u(arguments)
      );
    },
    checkoutBranch(t, e) {
      return this._runTask(
        dist_Q(["-b", t, e, ...dist_h(arguments)]),
        u(arguments)
      );
    },
    checkoutLocalBranch(t) {
      return this._runTask(
        dist_Q(["-b", t, ...dist_h(arguments)]),
        u(arguments)
      );
    }
  };
}
const Yt = (t, e, n) => {
  const r = ["clone", ...n];
  return m(t) && r.push(dist_c(t)), m(e) && r.push(dist_c(e)), g(r);
}, Bn = (t, e, n) => (dist_S(n, "--mirror"), Yt(t, e, n));
function Rt(t, e, n, ...r) {
  return m(n) ? e(n, d(r[0], m), dist_h(arguments)) : dist_b(`git.${t}() requires a string 'repoPath'`);
}
function In() {
  return {
    clone(t, ...e) {
      return this._runTask(
        Rt("clone", Yt, d(t, m), ...e),
        u(arguments)
      );
    },
    mirror(t, ...e) {
      return this._runTask(
        Rt("mirror", Bn, d(t, m), ...e),
        u(arguments)
      );
    }
  };
}
const Un = [
  new dist_l(/^\[([^\s]+)( \([^)]+\))? ([^\]]+)/, (t, [e, n, r]) => {
    t.branch = e, t.commit = r, t.root = !!n;
  }),
  new dist_l(/\s*Author:\s(.+)/i, (t, [e]) => {
    const n = e.split("<"), r = n.pop();
    !r || !r.includes("@") || (t.author = {
      email: r.substr(0, r.length - 1),
      name: n.join("<").trim()
    });
  }),
  new dist_l(
    /(\d+)[^,]*(?:,\s*(\d+)[^,]*)(?:,\s*(\d+))/g,
    (t, [e, n, r]) => {
      t.summary.changes = parseInt(e, 10) || 0, t.summary.insertions = parseInt(n, 10) || 0, t.summary.deletions = parseInt(r, 10) || 0;
    }
  ),
  new dist_l(
    /^(\d+)[^,]*(?:,\s*(\d+)[^(]+\(([+-]))?/,
    (t, [e, n, r]) => {
      t.summary.changes = parseInt(e, 10) || 0;
      const s = parseInt(n, 10) || 0;
      r === "-" ? t.summary.deletions = s : r === "+" && (t.summary.insertions = s);
    }
  )
];
function Fn(t) {
  return dist_E({
    author: null,
    branch: "",
    commit: "",
    root: !1,
    summary: {
      changes: 0,
      insertions: 0,
      deletions: 0
    }
  }, Un, t);
}
function Gn(t, e, n) {
  return {
    commands: [
      "-c",
      "core.abbrev=40",
      "commit",
      ...U(t, "-m"),
      ...e,
      ...n
    ],
    format: "utf-8",
    parser: Fn
  };
}
function zn() {
  return {
    commit(e, ...n) {
      const r = u(arguments), s = t(e) || Gn(
        v(e),
        v(d(n[0], dist_G, [])),
        [
          ...dist_L(d(n[1], dist_K, [])),
          ...dist_h(arguments, 0, !0)
        ]
      );
      return this._runTask(s, r);
    }
  };
  function t(e) {
    return !dist_G(e) && dist_b(
      "git.commit: requires the commit message to be supplied as a string/string[]"
    );
  }
}
function qn() {
  return {
    count: 0,
    garbage: 0,
    inPack: 0,
    packs: 0,
    prunePackable: 0,
    size: 0,
    sizeGarbage: 0,
    sizePack: 0
  };
}
const Wn = new dist_l(
  /([a-z-]+): (\d+)$/,
  (t, [e, n]) => {
    const r = jt(e);
    Object.hasOwn(t, r) && (t[r] = p(n));
  }
);
function Hn() {
  return {
    countObjects() {
      return this._runTask({
        commands: ["count-objects", "--verbose"],
        format: "utf-8",
        parser(t) {
          return dist_E(qn(), [Wn], t);
        }
      });
    }
  };
}
function Kn() {
  return {
    firstCommit() {
      return this._runTask(
        g(["rev-list", "--max-parents=0", "HEAD"], !0),
        u(arguments)
      );
    }
  };
}
function Vn(t, e) {
  const n = ["hash-object", t];
  return e && n.push("-w"), g(n, !0);
}
class dist_J {
  constructor(e, n, r, s) {
    this.bare = e, this.path = n, this.existing = r, this.gitDir = s;
  }
}
const Xn = /^Init.+ repository in (.+)$/, Yn = /^Rein.+ in (.+)$/;
function Qn(t, e, n) {
  const r = String(n).trim();
  let s;
  if (s = Xn.exec(r))
    return new dist_J(t, e, !1, s[1]);
  if (s = Yn.exec(r))
    return new dist_J(t, e, !0, s[1]);
  let o = "";
  const i = r.split(" ");
  for (; i.length; )
    if (i.shift() === "in") {
      o = i.join(" ");
      break;
    }
  return new dist_J(t, e, /^re/i.test(r), o);
}
const Qt = "--bare";
function Jn(t) {
  return t.includes(Qt);
}
function Zn(t = !1, e, n) {
  const r = ["init", ...n];
  return t && !Jn(r) && r.splice(1, 0, Qt), {
    commands: r,
    format: "utf-8",
    parser(s) {
      return Qn(r.includes("--bare"), e, s);
    }
  };
}
function tr(t) {
  return t === void 0 ? dist_b("interpretTrailers called without input content") : {
    format: "utf-8",
    parser(e) {
      return Object.fromEntries(
        ut(e, (n) => {
          const r = n.indexOf(":");
          return [
            jt(n.substring(0, r).toLowerCase()),
            n.substring(r + 2).trim()
          ];
        })
      );
    },
    commands: ["interpret-trailers", "--parse"],
    input: t
  };
}
function er() {
  return {
    interpretTrailers(t) {
      return this._runTask(
        tr(d(t, Be)),
        u(arguments)
      );
    }
  };
}
var dist_R = /* @__PURE__ */ ((t) => (t.NONE = "", t.STAT = "--stat", t.NUM_STAT = "--numstat", t.NAME_ONLY = "--name-only", t.NAME_STATUS = "--name-status", t))(dist_R || {});
const Jt = /^--(stat|numstat|name-only|name-status)(=|$)/;
function pt(t) {
  for (let e = 0; e < t.length; e++) {
    const n = Jt.exec(t[e]);
    if (n)
      return `--${n[1]}`;
  }
  return "";
}
function nr(t) {
  return Jt.test(t);
}
class rr {
  constructor() {
    this.changed = 0, this.deletions = 0, this.insertions = 0, this.files = [];
  }
}
const Ot = [
  new dist_l(
    /^(.+)\s+\|\s+(\d+)(\s+[+\-]+)?$/,
    (t, [e, n, r = ""]) => {
      t.files.push({
        file: e.trim(),
        changes: p(n),
        insertions: r.replace(/[^+]/g, "").length,
        deletions: r.replace(/[^-]/g, "").length,
        binary: !1
      });
    }
  ),
  new dist_l(
    /^(.+) \|\s+Bin ([0-9.]+) -> ([0-9.]+) ([a-z]+)/,
    (t, [e, n, r]) => {
      t.files.push({
        file: e.trim(),
        before: p(n),
        after: p(r),
        binary: !0
      });
    }
  ),
  new dist_l(/^(.+)\s+\|\s+Bin\s*$/, (t, [e]) => {
    t.files.push({
      file: e.trim(),
      before: 0,
      after: 0,
      binary: !0
    });
  }),
  new dist_l(
    /(\d+) files? changed\s*((?:, \d+ [^,]+){0,2})/,
    (t, [e, n]) => {
      const r = /(\d+) i/.exec(n), s = /(\d+) d/.exec(n);
      t.changed = p(e), t.insertions = p(r?.[1]), t.deletions = p(s?.[1]);
    }
  )
], sr = [
  new dist_l(
    /(\d+)\t(\d+)\t(.+)$/,
    (t, [e, n, r]) => {
      const s = p(e), o = p(n);
      t.changed++, t.insertions += s, t.deletions += o, t.files.push({
        file: r,
        changes: s + o,
        insertions: s,
        deletions: o,
        binary: !1
      });
    }
  ),
  new dist_l(/-\t-\t(.+)$/, (t, [e]) => {
    t.changed++, t.files.push({
      file: e,
      after: 0,
      before: 0,
      binary: !0
    });
  })
], or = [
  new dist_l(/(.+)$/, (t, [e]) => {
    t.changed++, t.files.push({
      file: e,
      changes: 0,
      insertions: 0,
      deletions: 0,
      binary: !1
    });
  })
], ir = [
  new dist_l(
    /([ACDMRTUXB])([0-9]{0,3})\t(.[^\t]*)(\t(.[^\t]*))?$/,
    (t, [e, n, r, s, o]) => {
      t.changed++, t.files.push({
        file: o ?? r,
        changes: 0,
        insertions: 0,
        deletions: 0,
        binary: !1,
        status: bt(_n(e) && e),
        from: bt(!!o && r !== o && r),
        similarity: p(n)
      });
    }
  )
], ar = {
  [dist_R.NONE]: Ot,
  [dist_R.STAT]: Ot,
  [dist_R.NUM_STAT]: sr,
  [dist_R.NAME_STATUS]: ir,
  [dist_R.NAME_ONLY]: or
};
function Zt(t = dist_R.NONE) {
  const e = ar[t];
  return (n) => dist_E(new rr(), e, n, !1);
}
const te = "òòòòòò ", dist_ee = " òò", dist_ne = " ò ", ur = ["hash", "date", "message", "refs", "author_name", "author_email"];
function cr(t, e) {
  return e.reduce(
    (n, r, s) => (n[r] = t[s] || "", n),
    /* @__PURE__ */ Object.create({ diff: null })
  );
}
function re(t = dist_ne, e = ur, n = dist_R.NONE) {
  const r = Zt(n);
  return function(s) {
    const o = dist_H(
      s.trim(),
      !1,
      te
    ).map(function(i) {
      const a = i.split(dist_ee), c = cr(a[0].split(t), e);
      return a.length > 1 && a[1].trim() && (c.diff = r(a[1])), c;
    });
    return {
      all: o,
      latest: o.length && o[0] || null,
      total: o.length
    };
  };
}
function fr(t) {
  let e = pt(t);
  const n = ["diff"];
  return e === dist_R.NONE && (e = dist_R.STAT, n.push("--stat=4096")), n.push(...t), dt(n) || {
    commands: n,
    format: "utf-8",
    parser: Zt(e)
  };
}
function dt(t) {
  const e = t.filter(nr);
  if (e.length > 1)
    return dist_b(
      `Summary flags are mutually exclusive - pick one of ${e.join(",")}`
    );
  if (e.length && t.includes("-z"))
    return dist_b(
      `Summary flag ${e} parsing is not compatible with null termination option '-z'`
    );
}
var se = /* @__PURE__ */ ((t) => (t[t["--pretty"] = 0] = "--pretty", t[t["max-count"] = 1] = "max-count", t[t.maxCount = 2] = "maxCount", t[t.n = 3] = "n", t[t.file = 4] = "file", t[t.format = 5] = "format", t[t.from = 6] = "from", t[t.to = 7] = "to", t[t.splitter = 8] = "splitter", t[t.symmetric = 9] = "symmetric", t[t.mailMap = 10] = "mailMap", t[t.multiLine = 11] = "multiLine", t[t.strictDate = 12] = "strictDate", t))(se || {});
function lr(t, e) {
  const n = [], r = [];
  return Object.keys(t).forEach((s) => {
    n.push(s), r.push(String(t[s]));
  }), [n, r.join(e)];
}
function hr(t) {
  return Object.keys(t).reduce((e, n) => (n in se || (e[n] = t[n]), e), {});
}
function dist_oe(t = {}, e = []) {
  const n = d(t.splitter, m, dist_ne), r = lt(t.format) ? t.format : {
    hash: "%H",
    date: t.strictDate === !1 ? "%ai" : "%aI",
    message: "%s",
    refs: "%D",
    body: t.multiLine ? "%B" : "%b",
    author_name: t.mailMap !== !1 ? "%aN" : "%an",
    author_email: t.mailMap !== !1 ? "%aE" : "%ae"
  }, [s, o] = lr(r, n), i = [], a = [
    `--pretty=format:${te}${o}${dist_ee}`,
    ...e
  ], c = t.n || t["max-count"] || t.maxCount;
  if (c && a.push(`--max-count=${c}`), t.from || t.to) {
    const y = t.symmetric !== !1 ? "..." : "..";
    i.push(`${t.from || ""}${y}${t.to || ""}`);
  }
  return m(t.file) && a.push("--follow", dist_c(t.file)), It(hr(t), a), {
    fields: s,
    splitter: n,
    commands: [...a, ...i]
  };
}
function mr(t, e, n) {
  const r = re(t, e, pt(n));
  return {
    commands: ["log", ...n],
    format: "utf-8",
    parser: r
  };
}
function pr() {
  return {
    log(...n) {
      const r = u(arguments), s = dist_oe(
        ht(arguments),
        dist_L(d(arguments[0], dist_K, []))
      ), o = e(...n) || dt(s.commands) || t(s);
      return this._runTask(o, r);
    }
  };
  function t(n) {
    return mr(n.splitter, n.fields, n.commands);
  }
  function e(n, r) {
    return m(n) && m(r) && dist_b(
      "git.log(string, string) should be replaced with git.log({ from: string, to: string })"
    );
  }
}
class dist_Z {
  constructor(e, n = null, r) {
    this.reason = e, this.file = n, this.meta = r;
  }
  toString() {
    return `${this.file}:${this.reason}`;
  }
}
class dr {
  constructor() {
    this.conflicts = [], this.merges = [], this.result = "success";
  }
  get failed() {
    return this.conflicts.length > 0;
  }
  get reason() {
    return this.result;
  }
  toString() {
    return this.conflicts.length ? `CONFLICTS: ${this.conflicts.join(", ")}` : "OK";
  }
}
class ie {
  constructor() {
    this.remoteMessages = {
      all: []
    }, this.created = [], this.deleted = [], this.files = [], this.deletions = {}, this.insertions = {}, this.summary = {
      changes: 0,
      deletions: 0,
      insertions: 0
    };
  }
}
class gr {
  constructor() {
    this.remote = "", this.hash = {
      local: "",
      remote: ""
    }, this.branch = {
      local: "",
      remote: ""
    }, this.message = "";
  }
  toString() {
    return this.message;
  }
}
function tt(t) {
  return t.objects = t.objects || {
    compressing: 0,
    counting: 0,
    enumerating: 0,
    packReused: 0,
    reused: { count: 0, delta: 0 },
    total: { count: 0, delta: 0 }
  };
}
function Ct(t) {
  const e = /^\s*(\d+)/.exec(t), n = /delta (\d+)/i.exec(t);
  return {
    count: p(e && e[1] || "0"),
    delta: p(n && n[1] || "0")
  };
}
const yr = [
  new dist_x(
    /^remote:\s*(enumerating|counting|compressing) objects: (\d+),/i,
    (t, [e, n]) => {
      const r = e.toLowerCase(), s = tt(t.remoteMessages);
      Object.assign(s, { [r]: p(n) });
    }
  ),
  new dist_x(
    /^remote:\s*(enumerating|counting|compressing) objects: \d+% \(\d+\/(\d+)\),/i,
    (t, [e, n]) => {
      const r = e.toLowerCase(), s = tt(t.remoteMessages);
      Object.assign(s, { [r]: p(n) });
    }
  ),
  new dist_x(
    /total ([^,]+), reused ([^,]+), pack-reused (\d+)/i,
    (t, [e, n, r]) => {
      const s = tt(t.remoteMessages);
      s.total = Ct(e), s.reused = Ct(n), s.packReused = p(r);
    }
  )
], wr = [
  new dist_x(/^remote:\s*(.+)$/, (t, [e]) => (t.remoteMessages.all.push(e.trim()), !1)),
  ...yr,
  new dist_x(
    [/create a (?:pull|merge) request/i, /\s(https?:\/\/\S+)$/],
    (t, [e]) => {
      t.remoteMessages.pullRequestUrl = e;
    }
  ),
  new dist_x(
    [/found (\d+) vulnerabilities.+\(([^)]+)\)/i, /\s(https?:\/\/\S+)$/],
    (t, [e, n, r]) => {
      t.remoteMessages.vulnerabilities = {
        count: p(e),
        summary: n,
        url: r
      };
    }
  )
];
function ae(t, e) {
  return dist_E({ remoteMessages: new br() }, wr, e);
}
class br {
  constructor() {
    this.all = [];
  }
}
const Tr = /^\s*(.+?)\s+\|\s+\d+\s*(\+*)(-*)/, kr = /(\d+)\D+((\d+)\D+\(\+\))?(\D+(\d+)\D+\(-\))?/, _r = /^(create|delete) mode \d+ (.+)/, vr = [
  new dist_l(Tr, (t, [e, n, r]) => {
    t.files.push(e), n && (t.insertions[e] = n.length), r && (t.deletions[e] = r.length);
  }),
  new dist_l(kr, (t, [e, , n, , r]) => n !== void 0 || r !== void 0 ? (t.summary.changes = +e || 0, t.summary.insertions = +n || 0, t.summary.deletions = +r || 0, !0) : !1),
  new dist_l(_r, (t, [e, n]) => {
    dist_S(t.files, n), dist_S(e === "create" ? t.created : t.deleted, n);
  })
], Er = [
  new dist_l(/^from\s(.+)$/i, (t, [e]) => {
    t.remote = e;
  }),
  new dist_l(/^fatal:\s(.+)$/, (t, [e]) => {
    t.message = e;
  }),
  new dist_l(
    /([a-z0-9]+)\.\.([a-z0-9]+)\s+(\S+)\s+->\s+(\S+)$/,
    (t, [e, n, r, s]) => {
      t.branch.local = r, t.hash.local = e, t.branch.remote = s, t.hash.remote = n;
    }
  )
], Sr = (t, e) => dist_E(new ie(), vr, [t, e]), ue = (t, e) => Object.assign(
  new ie(),
  Sr(t, e),
  ae(t, e)
);
function Rr(t, e) {
  const n = dist_E(new gr(), Er, [t, e]);
  return n.message && n;
}
const Or = [
  new dist_l(/^Auto-merging\s+(.+)$/, (t, [e]) => {
    t.merges.push(e);
  }),
  new dist_l(/^CONFLICT\s+\((.+)\): Merge conflict in (.+)$/, (t, [e, n]) => {
    t.conflicts.push(new dist_Z(e, n));
  }),
  new dist_l(
    /^CONFLICT\s+\((.+\/delete)\): (.+) deleted in (.+) and/,
    (t, [e, n, r]) => {
      t.conflicts.push(new dist_Z(e, n, { deleteRef: r }));
    }
  ),
  new dist_l(/^CONFLICT\s+\((.+)\):/, (t, [e]) => {
    t.conflicts.push(new dist_Z(e, null));
  }),
  new dist_l(/^Automatic merge failed;\s+(.+)$/, (t, [e]) => {
    t.result = e;
  })
], Cr = (t, e) => Object.assign(Ar(t), ue(t, e)), Ar = (t) => dist_E(new dr(), Or, t);
function At(t) {
  return t.length ? {
    commands: ["merge", ...t],
    format: "utf-8",
    parser(e, n) {
      const r = Cr(e, n);
      if (r.failed)
        throw new at(r);
      return r;
    }
  } : dist_b("Git.merge requires at least one option");
}
function xr(t, e, n) {
  const r = n.includes("deleted"), s = n.includes("tag") || /^refs\/tags/.test(t), o = !n.includes("new");
  return {
    deleted: r,
    tag: s,
    branch: !s,
    new: !o,
    alreadyUpdated: o,
    local: t,
    remote: e
  };
}
const Nr = [
  new dist_l(/^Pushing to (.+)$/, (t, [e]) => {
    t.repo = e;
  }),
  new dist_l(/^updating local tracking ref '(.+)'/, (t, [e]) => {
    t.ref = {
      ...t.ref || {},
      local: e
    };
  }),
  new dist_l(/^[=*-]\s+([^:]+):(\S+)\s+\[(.+)]$/, (t, [e, n, r]) => {
    t.pushed.push(xr(e, n, r));
  }),
  new dist_l(
    /^Branch '([^']+)' set up to track remote branch '([^']+)' from '([^']+)'/,
    (t, [e, n, r]) => {
      t.branch = {
        ...t.branch || {},
        local: e,
        remote: n,
        remoteName: r
      };
    }
  ),
  new dist_l(
    /^([^:]+):(\S+)\s+([a-z0-9]+)\.\.([a-z0-9]+)$/,
    (t, [e, n, r, s]) => {
      t.update = {
        head: {
          local: e,
          remote: n
        },
        hash: {
          from: r,
          to: s
        }
      };
    }
  )
], $r = (t, e) => {
  const n = Pr(t, e), r = ae(t, e);
  return {
    ...n,
    ...r
  };
}, Pr = (t, e) => dist_E({ pushed: [] }, Nr, [t, e]);
function Mr(t = {}, e) {
  return dist_S(e, "--tags"), ce(t, e);
}
function ce(t = {}, e) {
  const n = ["push", ...e];
  return t.branch && n.splice(1, 0, t.branch), t.remote && n.splice(1, 0, t.remote), ct(n, "-v"), dist_S(n, "--verbose"), dist_S(n, "--porcelain"), {
    commands: n,
    format: "utf-8",
    parser: $r
  };
}
function Dr() {
  return {
    showBuffer() {
      const t = ["show", ...dist_h(arguments, 1)];
      return t.includes("--binary") || t.splice(1, 0, "--binary"), this._runTask(
        Gt(t),
        u(arguments)
      );
    },
    show() {
      const t = ["show", ...dist_h(arguments, 1)];
      return this._runTask(
        g(t),
        u(arguments)
      );
    }
  };
}
const Lr = /^(.+)\0(.+)$/;
class jr {
  constructor(e, n, r) {
    if (this.path = e, this.index = n, this.working_dir = r, n === "R" || r === "R") {
      const s = Lr.exec(e) || [null, e, e];
      this.from = s[2] || "", this.path = s[1] || "";
    }
  }
}
class Br {
  constructor() {
    this.not_added = [], this.conflicted = [], this.created = [], this.deleted = [], this.ignored = void 0, this.modified = [], this.renamed = [], this.files = [], this.staged = [], this.ahead = 0, this.behind = 0, this.current = null, this.tracking = null, this.detached = !1, this.isClean = () => !this.files.length;
  }
}
function xt(t) {
  const [e, n] = t.split(dist_I);
  return {
    from: n || e,
    to: e
  };
}
function dist_(t, e, n) {
  return [`${t}${e}`, n];
}
function et(t, ...e) {
  return e.map((n) => dist_(t, n, (r, s) => r.conflicted.push(s)));
}
const Ir = new Map([
  dist_(
    " ",
    "A",
    (t, e) => t.created.push(e)
  ),
  dist_(
    " ",
    "D",
    (t, e) => t.deleted.push(e)
  ),
  dist_(
    " ",
    "M",
    (t, e) => t.modified.push(e)
  ),
  dist_("A", " ", (t, e) => {
    t.created.push(e), t.staged.push(e);
  }),
  dist_("A", "M", (t, e) => {
    t.created.push(e), t.staged.push(e), t.modified.push(e);
  }),
  dist_("D", " ", (t, e) => {
    t.deleted.push(e), t.staged.push(e);
  }),
  dist_("M", " ", (t, e) => {
    t.modified.push(e), t.staged.push(e);
  }),
  dist_("M", "M", (t, e) => {
    t.modified.push(e), t.staged.push(e);
  }),
  dist_("R", " ", (t, e) => {
    t.renamed.push(xt(e));
  }),
  dist_("R", "M", (t, e) => {
    const n = xt(e);
    t.renamed.push(n), t.modified.push(n.to);
  }),
  dist_("!", "!", (t, e) => {
    (t.ignored = t.ignored || []).push(e);
  }),
  dist_(
    "?",
    "?",
    (t, e) => t.not_added.push(e)
  ),
  ...et(
    "A",
    "A",
    "U"
    /* UNMERGED */
  ),
  ...et(
    "D",
    "D",
    "U"
    /* UNMERGED */
  ),
  ...et(
    "U",
    "A",
    "D",
    "U"
    /* UNMERGED */
  ),
  [
    "##",
    (t, e) => {
      const n = /ahead (\d+)/, r = /behind (\d+)/, s = /^(.+?(?=(?:\.{3}|\s|$)))/, o = /\.{3}(\S*)/, i = /\son\s(\S+?)(?=\.{3}|$)/;
      let a = n.exec(e);
      t.ahead = a && +a[1] || 0, a = r.exec(e), t.behind = a && +a[1] || 0, a = s.exec(e), t.current = d(a?.[1], m, null), a = o.exec(e), t.tracking = d(a?.[1], m, null), a = i.exec(e), a && (t.current = d(a?.[1], m, t.current)), t.detached = /\(no branch\)/.test(e);
    }
  ]
]), Ur = function(t) {
  const e = t.split(dist_I), n = new Br();
  for (let r = 0, s = e.length; r < s; ) {
    let o = e[r++].trim();
    o && (o.charAt(0) === "R" && (o += dist_I + (e[r++] || "")), Fr(n, o));
  }
  return n;
};
function Fr(t, e) {
  const n = e.trim();
  switch (" ") {
    case n.charAt(2):
      return r(n.charAt(0), n.charAt(1), n.slice(3));
    case n.charAt(1):
      return r(" ", n.charAt(0), n.slice(2));
    default:
      return;
  }
  function r(s, o, i) {
    const a = `${s}${o}`, c = Ir.get(a);
    c && c(t, i), a !== "##" && a !== "!!" && t.files.push(new jr(i, s, o));
  }
}
const Gr = ["--null", "-z"];
function zr(t) {
  return {
    format: "utf-8",
    commands: [
      "status",
      "--porcelain",
      "-b",
      "-u",
      "--null",
      ...t.filter((n) => !Gr.includes(n))
    ],
    parser(n) {
      return Ur(n);
    }
  };
}
const fe = "installed=false";
function dist_q(t = 0, e = 0, n = 0, r = "", s = !0) {
  return Object.defineProperty(
    {
      major: t,
      minor: e,
      patch: n,
      agent: r,
      installed: s
    },
    "toString",
    {
      value() {
        return `${this.major}.${this.minor}.${this.patch}`;
      },
      configurable: !1,
      enumerable: !1
    }
  );
}
function qr() {
  return dist_q(0, 0, 0, "", !1);
}
function Wr() {
  return {
    version() {
      return this._runTask({
        commands: ["--version"],
        format: "utf-8",
        parser: Kr,
        onError(t, e, n, r) {
          if (t.exitCode === dist_V.NOT_FOUND)
            return n(Buffer.from(fe));
          r(e);
        }
      });
    }
  };
}
const Hr = [
  new dist_l(
    /version (\d+)\.(\d+)\.(\d+)(?:\s*\((.+)\))?/,
    (t, [e, n, r, s = ""]) => {
      Object.assign(
        t,
        dist_q(p(e), p(n), p(r), s)
      );
    }
  ),
  new dist_l(
    /version (\d+)\.(\d+)\.(\D+)(.+)?$/,
    (t, [e, n, r, s = ""]) => {
      Object.assign(t, dist_q(p(e), p(n), r, s));
    }
  )
];
function Kr(t) {
  return t === fe ? qr() : dist_E(dist_q(0, 0, 0, t), Hr, t);
}
class le {
  constructor(e) {
    this._executor = e;
  }
  _runTask(e, n) {
    const r = this._executor.chain(), s = r.push(e);
    return n && Ln(e, s, n), Object.create(this, {
      then: { value: s.then.bind(s) },
      catch: { value: s.catch.bind(s) },
      _executor: { value: r }
    });
  }
  add(e) {
    return this._runTask(
      g(["add", ...v(e)]),
      u(arguments)
    );
  }
  cwd(e) {
    const n = u(arguments);
    return typeof e == "string" ? this._runTask(St(e, this._executor), n) : typeof e?.path == "string" ? this._runTask(
      St(
        e.path,
        e.root && this._executor || void 0
      ),
      n
    ) : this._runTask(
      dist_b("Git.cwd: workingDirectory must be supplied as a string"),
      n
    );
  }
  hashObject(e, n) {
    return this._runTask(
      Vn(e, n === !0),
      u(arguments)
    );
  }
  init(e) {
    return this._runTask(
      Zn(e === !0, this._executor.cwd, dist_h(arguments)),
      u(arguments)
    );
  }
  merge() {
    return this._runTask(
      At(dist_h(arguments)),
      u(arguments)
    );
  }
  mergeFromTo(e, n) {
    return m(e) && m(n) ? this._runTask(
      At([e, n, ...dist_h(arguments)]),
      u(arguments, !1)
    ) : this._runTask(
      dist_b(
        "Git.mergeFromTo requires that the 'remote' and 'branch' arguments are supplied as strings"
      )
    );
  }
  outputHandler(e) {
    return this._executor.outputHandler = e, this;
  }
  push() {
    const e = ce(
      {
        remote: d(arguments[0], m),
        branch: d(arguments[1], m)
      },
      dist_h(arguments)
    );
    return this._runTask(e, u(arguments));
  }
  stash() {
    return this._runTask(
      g(["stash", ...dist_h(arguments)]),
      u(arguments)
    );
  }
  status() {
    return this._runTask(
      zr(dist_h(arguments)),
      u(arguments)
    );
  }
}
Object.assign(
  le.prototype,
  jn(),
  In(),
  zn(),
  Tn(),
  Hn(),
  Kn(),
  On(),
  er(),
  pr(),
  Dr(),
  Wr()
);
const Vr = /* @__PURE__ */ (() => {
  let t = 0;
  return () => {
    t++;
    const { promise: e, done: n } = (0,promise_deferred_dist/* createDeferred */.ud)();
    return {
      promise: e,
      done: n,
      id: t
    };
  };
})();
class Xr {
  constructor(e = 2) {
    this.concurrency = e, this.logger = dist_$("", "scheduler"), this.pending = [], this.running = [], this.logger("Constructed, concurrency=%s", e);
  }
  schedule() {
    if (!this.pending.length || this.running.length >= this.concurrency) {
      this.logger(
        "Schedule attempt ignored, pending=%s running=%s concurrency=%s",
        this.pending.length,
        this.running.length,
        this.concurrency
      );
      return;
    }
    const e = dist_S(this.running, this.pending.shift());
    this.logger("Attempting id=%s", e.id), e.done(() => {
      this.logger("Completing id=", e.id), ct(this.running, e), this.schedule();
    });
  }
  next() {
    const { promise: e, id: n } = dist_S(this.pending, Vr());
    return this.logger("Scheduling id=%s", n), this.schedule(), e;
  }
}
function Yr(t, e) {
  return g(["apply", ...e, ...t]);
}
var he = /* @__PURE__ */ ((t) => (t.CURRENT = "*", t.LINKED = "+", t))(he || {});
class Qr {
  constructor() {
    this.all = [], this.branches = {}, this.current = "", this.detached = !1;
  }
  push(e, n, r, s, o) {
    e === "*" && (this.detached = n, this.current = r), this.all.push(r), this.branches[r] = {
      current: e === "*",
      linkedWorkTree: e === "+",
      name: r,
      commit: s,
      label: o
    };
  }
}
const Jr = [
  new dist_l(
    /^([*+]\s)?\((?:HEAD )?detached (?:from|at) (\S+)\)\s+([a-z0-9]+)\s(.*)$/,
    (t, [e, n, r, s]) => {
      t.push(Nt(e), !0, n, r, s);
    }
  ),
  new dist_l(
    /^([*+]\s)?(\S+)\s+([a-z0-9]+)\s?(.*)$/s,
    (t, [e, n, r, s]) => {
      t.push(Nt(e), !1, n, r, s);
    }
  )
], Zr = new dist_l(/^(\S+)$/s, (t, [e]) => {
  t.push(he.CURRENT, !1, e, "", "");
});
function Nt(t) {
  return t ? t.charAt(0) : "";
}
function me(t, e = !1) {
  return dist_E(
    new Qr(),
    e ? [Zr] : Jr,
    t
  );
}
class ts {
  constructor() {
    this.all = [], this.branches = {}, this.errors = [];
  }
  get success() {
    return !this.errors.length;
  }
}
function es(t, e) {
  return {
    branch: t,
    hash: e,
    success: !0
  };
}
function ns(t) {
  return {
    branch: t,
    hash: null,
    success: !1
  };
}
const rs = /(\S+)\s+\(\S+\s([^)]+)\)/, pe = /^error[^']+'([^']+)'/m, ss = [
  new dist_l(rs, (t, [e, n]) => {
    const r = es(e, n);
    t.all.push(r), t.branches[e] = r;
  }),
  new dist_l(pe, (t, [e]) => {
    const n = ns(e);
    t.errors.push(n), t.all.push(n), t.branches[e] = n;
  })
], gt = (t, e) => dist_E(new ts(), ss, [t, e]);
function de(t, e) {
  return e === dist_V.ERROR && pe.test(t);
}
function os(t) {
  const e = ["-d", "-D", "--delete"];
  return t.some((n) => e.includes(n));
}
function is(t) {
  const e = os(t), n = t.includes("--show-current"), r = ["branch", ...t];
  return r.length === 1 && r.push("-a"), r.includes("-v") || r.splice(1, 0, "-v"), {
    format: "utf-8",
    commands: r,
    parser(s, o) {
      return e ? gt(s, o).all[0] : me(s, n);
    }
  };
}
function as() {
  return {
    format: "utf-8",
    commands: ["branch", "-v"],
    parser(t) {
      return me(t);
    }
  };
}
function us(t, e = !1) {
  return {
    format: "utf-8",
    commands: ["branch", "-v", e ? "-D" : "-d", ...t],
    parser(n, r) {
      return gt(n, r);
    },
    onError({ exitCode: n, stdOut: r }, s, o, i) {
      if (!de(String(s), n))
        return i(s);
      o(r);
    }
  };
}
function cs(t, e = !1) {
  const n = {
    format: "utf-8",
    commands: ["branch", "-v", e ? "-D" : "-d", t],
    parser(r, s) {
      return gt(r, s).branches[t];
    },
    onError({ exitCode: r, stdErr: s, stdOut: o }, i, a, c) {
      if (!de(String(i), r))
        return c(i);
      throw new at(
        n.parser(dist_F(o), dist_F(s)),
        String(i)
      );
    }
  };
  return n;
}
function fs(t) {
  return {
    commands: ["check-ignore", ...t],
    format: "utf-8",
    parser: ls
  };
}
function ls(t) {
  return t.split(/\n/g).map(hs).filter(Boolean);
}
function hs(t) {
  const e = t.trim().replace(/^["']|["']$/g, "");
  return e && (0,external_node_path_.normalize)(e);
}
const ms = [
  new dist_l(/From (.+)$/, (t, [e]) => {
    t.remote = e;
  }),
  new dist_l(/\* \[new branch]\s+(\S+)\s*-> (.+)$/, (t, [e, n]) => {
    t.branches.push({
      name: e,
      tracking: n
    });
  }),
  new dist_l(/\* \[new tag]\s+(\S+)\s*-> (.+)$/, (t, [e, n]) => {
    t.tags.push({
      name: e,
      tracking: n
    });
  }),
  new dist_l(/- \[deleted]\s+\S+\s*-> (.+)$/, (t, [e]) => {
    t.deleted.push({
      tracking: e
    });
  }),
  new dist_l(
    /\s*([^.]+)\.\.(\S+)\s+(\S+)\s*-> (.+)$/,
    (t, [e, n, r, s]) => {
      t.updated.push({
        name: r,
        tracking: s,
        to: n,
        from: e
      });
    }
  )
];
function ps(t, e) {
  return dist_E({
    raw: t,
    remote: null,
    branches: [],
    tags: [],
    updated: [],
    deleted: []
  }, ms, [t, e]);
}
function ds(t) {
  return /^--upload-pack(=|$)/.test(t);
}
function gs(t, e, n) {
  const r = ["fetch", ...n];
  return t && e && r.push(t, e), r.find(ds) ? dist_b("git.fetch: potential exploit argument blocked.") : {
    commands: r,
    format: "utf-8",
    parser: ps
  };
}
const ys = [
  new dist_l(/^Renaming (.+) to (.+)$/, (t, [e, n]) => {
    t.moves.push({ from: e, to: n });
  })
];
function ws(t) {
  return dist_E({ moves: [] }, ys, t);
}
function bs(t, e) {
  return {
    commands: ["mv", "-v", ...v(t), e],
    format: "utf-8",
    parser: ws
  };
}
function Ts(t, e, n) {
  const r = ["pull", ...n];
  return t && e && r.splice(1, 0, t, e), {
    commands: r,
    format: "utf-8",
    parser(s, o) {
      return ue(s, o);
    },
    onError(s, o, i, a) {
      const c = Rr(
        dist_F(s.stdOut),
        dist_F(s.stdErr)
      );
      if (c)
        return a(new at(c));
      a(o);
    }
  };
}
function ks(t) {
  const e = {};
  return ge(t, ([n]) => e[n] = { name: n }), Object.values(e);
}
function _s(t) {
  const e = {};
  return ge(t, ([n, r, s]) => {
    Object.hasOwn(e, n) || (e[n] = {
      name: n,
      refs: { fetch: "", push: "" }
    }), s && r && (e[n].refs[s.replace(/[^a-z]/g, "")] = r);
  }), Object.values(e);
}
function ge(t, e) {
  ut(t, (n) => e(n.split(/\s+/)));
}
function vs(t, e, n) {
  return g(["remote", "add", ...n, t, e]);
}
function Es(t) {
  const e = ["remote"];
  return t && e.push("-v"), {
    commands: e,
    format: "utf-8",
    parser: t ? _s : ks
  };
}
function Ss(t) {
  const e = [...t];
  return e[0] !== "ls-remote" && e.unshift("ls-remote"), g(e);
}
function Rs(t) {
  const e = [...t];
  return e[0] !== "remote" && e.unshift("remote"), g(e);
}
function Os(t) {
  return g(["remote", "remove", t]);
}
function Cs(t = {}, e) {
  const n = dist_oe(t), r = ["stash", "list", ...n.commands, ...e], s = re(
    n.splitter,
    n.fields,
    pt(r)
  );
  return dt(r) || {
    commands: r,
    format: "utf-8",
    parser: s
  };
}
function As(t, e) {
  return dist_X(["add", t, e]);
}
function xs(t) {
  return dist_X(["init", ...t]);
}
function dist_X(t) {
  const e = [...t];
  return e[0] !== "submodule" && e.unshift("submodule"), g(e);
}
function Ns(t) {
  return dist_X(["update", ...t]);
}
class $s {
  constructor(e, n) {
    this.all = e, this.latest = n;
  }
}
const Ps = function(t, e = !1) {
  const n = t.split(`
`).map(Ds).filter(Boolean);
  e || n.sort(function(s, o) {
    const i = s.split("."), a = o.split(".");
    if (i.length === 1 || a.length === 1)
      return Ms(dist_B(i[0]), dist_B(a[0]));
    for (let c = 0, y = Math.max(i.length, a.length); c < y; c++) {
      const w = ye(dist_B(i[c]), dist_B(a[c]));
      if (w)
        return w;
    }
    return 0;
  });
  const r = e ? n[0] : [...n].reverse().find((s) => s.indexOf(".") >= 0);
  return new $s(n, r);
};
function Ms(t, e) {
  const n = Number.isNaN(t), r = Number.isNaN(e);
  return n !== r ? n ? 1 : -1 : n ? ye(t, e) : 0;
}
function ye(t, e) {
  return t === e ? 0 : t > e ? 1 : -1;
}
function Ds(t) {
  return t.trim();
}
function dist_B(t) {
  return typeof t == "string" && parseInt(t.replace(/^\D+/g, ""), 10) || 0;
}
function Ls(t = []) {
  const e = t.some((n) => /^--sort=/.test(n));
  return {
    format: "utf-8",
    commands: ["tag", "-l", ...t],
    parser(n) {
      return Ps(n, e);
    }
  };
}
function js(t) {
  return {
    format: "utf-8",
    commands: ["tag", t],
    parser() {
      return { name: t };
    }
  };
}
function Bs(t, e) {
  return {
    format: "utf-8",
    commands: ["tag", "-a", "-m", e, t],
    parser() {
      return { name: t };
    }
  };
}
function dist_f(t, e) {
  this._plugins = e, this._executor = new Dn(
    t.baseDir,
    new Xr(t.maxConcurrentProcesses),
    e
  ), this._trimmed = t.trimmed;
}
(dist_f.prototype = Object.create(le.prototype)).constructor = dist_f;
dist_f.prototype.customBinary = function(t) {
  return this._plugins.reconfigure("binary", t), this;
};
dist_f.prototype.env = function(t, e) {
  return arguments.length === 1 && typeof t == "object" ? this._executor.env = t : (this._executor.env = this._executor.env || {})[t] = e, this;
};
dist_f.prototype.stashList = function(t) {
  return this._runTask(
    Cs(
      ht(arguments) || {},
      dist_K(t) && t || []
    ),
    u(arguments)
  );
};
dist_f.prototype.mv = function(t, e) {
  return this._runTask(bs(t, e), u(arguments));
};
dist_f.prototype.checkoutLatestTag = function(t) {
  var e = this;
  return this.pull(function() {
    e.tags(function(n, r) {
      e.checkout(r.latest, t);
    });
  });
};
dist_f.prototype.pull = function(t, e, n, r) {
  return this._runTask(
    Ts(
      d(t, m),
      d(e, m),
      dist_h(arguments)
    ),
    u(arguments)
  );
};
dist_f.prototype.fetch = function(t, e) {
  return this._runTask(
    gs(
      d(t, m),
      d(e, m),
      dist_h(arguments)
    ),
    u(arguments)
  );
};
dist_f.prototype.tags = function(t, e) {
  return this._runTask(
    Ls(dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.rebase = function() {
  return this._runTask(
    g(["rebase", ...dist_h(arguments)]),
    u(arguments)
  );
};
dist_f.prototype.reset = function(t) {
  return this._runTask(
    An(xn(t), dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.revert = function(t) {
  const e = u(arguments);
  return typeof t != "string" ? this._runTask(dist_b("Commit must be a string"), e) : this._runTask(
    g(["revert", ...dist_h(arguments, 0, !0), t]),
    e
  );
};
dist_f.prototype.addTag = function(t) {
  const e = typeof t == "string" ? js(t) : dist_b("Git.addTag requires a tag name");
  return this._runTask(e, u(arguments));
};
dist_f.prototype.addAnnotatedTag = function(t, e) {
  return this._runTask(
    Bs(t, e),
    u(arguments)
  );
};
dist_f.prototype.deleteLocalBranch = function(t, e, n) {
  return this._runTask(
    cs(t, typeof e == "boolean" ? e : !1),
    u(arguments)
  );
};
dist_f.prototype.deleteLocalBranches = function(t, e, n) {
  return this._runTask(
    us(t, typeof e == "boolean" ? e : !1),
    u(arguments)
  );
};
dist_f.prototype.branch = function(t, e) {
  return this._runTask(
    is(dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.branchLocal = function(t) {
  return this._runTask(as(), u(arguments));
};
dist_f.prototype.raw = function(t) {
  const e = !Array.isArray(t), n = [].slice.call(e ? arguments : t, 0);
  for (let s = 0; s < n.length && e; s++)
    if (!st(n[s])) {
      n.splice(s, n.length - s);
      break;
    }
  n.push(...dist_h(arguments, 0, !0));
  var r = u(arguments);
  return n.length ? this._runTask(g(n, this._trimmed), r) : this._runTask(
    dist_b("Raw: must supply one or more command to execute"),
    r
  );
};
dist_f.prototype.submoduleAdd = function(t, e, n) {
  return this._runTask(As(t, e), u(arguments));
};
dist_f.prototype.submoduleUpdate = function(t, e) {
  return this._runTask(
    Ns(dist_h(arguments, !0)),
    u(arguments)
  );
};
dist_f.prototype.submoduleInit = function(t, e) {
  return this._runTask(
    xs(dist_h(arguments, !0)),
    u(arguments)
  );
};
dist_f.prototype.subModule = function(t, e) {
  return this._runTask(
    dist_X(dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.listRemote = function() {
  return this._runTask(
    Ss(dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.addRemote = function(t, e, n) {
  return this._runTask(
    vs(t, e, dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.removeRemote = function(t, e) {
  return this._runTask(Os(t), u(arguments));
};
dist_f.prototype.getRemotes = function(t, e) {
  return this._runTask(Es(t === !0), u(arguments));
};
dist_f.prototype.remote = function(t, e) {
  return this._runTask(
    Rs(dist_h(arguments)),
    u(arguments)
  );
};
dist_f.prototype.tag = function(t, e) {
  const n = dist_h(arguments);
  return n[0] !== "tag" && n.unshift("tag"), this._runTask(g(n), u(arguments));
};
dist_f.prototype.updateServerInfo = function(t) {
  return this._runTask(
    g(["update-server-info"]),
    u(arguments)
  );
};
dist_f.prototype.pushTags = function(t, e) {
  const n = Mr(
    { remote: d(t, m) },
    dist_h(arguments)
  );
  return this._runTask(n, u(arguments));
};
dist_f.prototype.rm = function(t) {
  return this._runTask(
    g(["rm", "-f", ...v(t)]),
    u(arguments)
  );
};
dist_f.prototype.rmKeepLocal = function(t) {
  return this._runTask(
    g(["rm", "--cached", ...v(t)]),
    u(arguments)
  );
};
dist_f.prototype.catFile = function(t, e) {
  return this._catFile("utf-8", arguments);
};
dist_f.prototype.binaryCatFile = function() {
  return this._catFile("buffer", arguments);
};
dist_f.prototype._catFile = function(t, e) {
  var n = u(e), r = ["cat-file"], s = e[0];
  if (typeof s == "string")
    return this._runTask(
      dist_b("Git.catFile: options must be supplied as an array of strings"),
      n
    );
  Array.isArray(s) && r.push.apply(r, s);
  const o = t === "buffer" ? Gt(r) : g(r);
  return this._runTask(o, n);
};
dist_f.prototype.diff = function(t, e) {
  const n = m(t) ? dist_b(
    "git.diff: supplying options as a single string is no longer supported, switch to an array of strings"
  ) : g(["diff", ...dist_h(arguments)]);
  return this._runTask(n, u(arguments));
};
dist_f.prototype.diffSummary = function() {
  return this._runTask(
    fr(dist_h(arguments, 1)),
    u(arguments)
  );
};
dist_f.prototype.applyPatch = function(t) {
  const e = dist_G(t) ? Yr(v(t), dist_h([].slice.call(arguments, 1))) : dist_b(
    "git.applyPatch requires one or more string patches as the first argument"
  );
  return this._runTask(e, u(arguments));
};
dist_f.prototype.revparse = function() {
  const t = ["rev-parse", ...dist_h(arguments, !0)];
  return this._runTask(
    g(t, !0),
    u(arguments)
  );
};
dist_f.prototype.clean = function(t, e, n) {
  const r = un(t), s = r && t.join("") || d(t, m) || "", o = dist_h([].slice.call(arguments, r ? 1 : 0));
  return this._runTask(
    on(s, o),
    u(arguments)
  );
};
dist_f.prototype.exec = function(t) {
  const e = {
    commands: [],
    format: "utf-8",
    parser() {
      typeof t == "function" && t();
    }
  };
  return this._runTask(e);
};
dist_f.prototype.checkIgnore = function(t, e) {
  return this._runTask(
    fs(v(d(t, dist_G, []))),
    u(arguments)
  );
};
dist_f.prototype.checkIsRepo = function(t, e) {
  return this._runTask(
    We(d(t, m)),
    u(arguments)
  );
};
function Is(t) {
  return t ? [{
    type: "spawn.before",
    action(r, s) {
      t.aborted && s.kill(new dist_A(void 0, "abort", "Abort already signaled"));
    }
  }, {
    type: "spawn.after",
    action(r, s) {
      function o() {
        s.kill(new dist_A(void 0, "abort", "Abort signal received"));
      }
      t.addEventListener("abort", o), s.spawned.on("close", () => t.removeEventListener("abort", o));
    }
  }] : void 0;
}
const Us = dist_$("", "plugin:allowEnvironment");
function Fs(t, e = !1) {
  const n = new Set(t.map((r) => r.toLowerCase().trim()));
  return {
    type: "spawn.options",
    action(r, s) {
      const o = { ...r.env ?? process.env }, i = new Set(
        Object.keys(s.env).map((a) => a.toLowerCase().trim())
      );
      for (const a of Object.keys(o)) {
        const c = a.toLowerCase().trim();
        if (!(!Gs(c) || n.has(c))) {
          if (i.has(c))
            throw new dist_A(
              void 0,
              "allowEnvironment",
              `Use of "${a}" is blocked by the environment guard - add it to the allowEnvironment option to permit it`
            );
          Us("removing ambient guarded environment variable %s", a), delete o[a];
        }
      }
      return {
        ...r,
        env: {
          ...o,
          GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS: String(!e)
        }
      };
    }
  };
}
function Gs(t) {
  const e = t.toLowerCase().trim();
  return e.startsWith("git_") || _(e);
}
function zs(t = {}) {
  return {
    type: "spawn.args",
    action(e, { env: n }) {
      for (const r of oe(e, n))
        if (t[r.category] !== !0)
          throw new dist_A(void 0, "unsafe", r.message);
      return e;
    }
  };
}
function qs(t) {
  const e = U(t, "-c");
  return {
    type: "spawn.args",
    action(n) {
      return [...e, ...n];
    }
  };
}
const $t = (0,promise_deferred_dist/* deferred */.yX)().promise;
function Ws({
  onClose: t = !0,
  onExit: e = 50
} = {}) {
  function n() {
    let s = -1;
    const o = {
      close: (0,promise_deferred_dist/* deferred */.yX)(),
      closeTimeout: (0,promise_deferred_dist/* deferred */.yX)(),
      exit: (0,promise_deferred_dist/* deferred */.yX)(),
      exitTimeout: (0,promise_deferred_dist/* deferred */.yX)()
    }, i = Promise.race([
      t === !1 ? $t : o.closeTimeout.promise,
      e === !1 ? $t : o.exitTimeout.promise
    ]);
    return r(t, o.close, o.closeTimeout), r(e, o.exit, o.exitTimeout), {
      close(a) {
        s = a, o.close.done();
      },
      exit(a) {
        s = a, o.exit.done();
      },
      get exitCode() {
        return s;
      },
      result: i
    };
  }
  function r(s, o, i) {
    s !== !1 && (s === !0 ? o.promise : o.promise.then(() => wt(s))).then(i.done);
  }
  return {
    type: "spawn.after",
    async action(s, { spawned: o, close: i }) {
      const a = n();
      let c = !0, y = () => {
        c = !1;
      };
      o.stdout?.on("data", y), o.stderr?.on("data", y), o.on("error", y), o.on("close", (w) => a.close(w)), o.on("exit", (w) => a.exit(w));
      try {
        await a.result, c && await wt(50), i(a.exitCode);
      } catch (w) {
        i(a.exitCode, w);
      }
    }
  };
}
const we = dist_$("", "plugin:binary"), Hs = "Invalid value supplied for custom binary, requires a single string or an array containing either one or two strings", Ks = "Invalid value supplied for custom binary, restricted characters must be removed or supply the unsafe.allowUnsafeCustomBinary option";
function Vs(t) {
  return !t || !/^([a-z]:)?([a-z0-9/.\\_~-]+)$/i.test(t);
}
function Pt(t, e) {
  if (t.length < 1 || t.length > 2)
    throw new dist_A(void 0, "binary", Hs);
  if (t.some(Vs))
    if (e)
      we("permitted unsafe binary %o", t);
    else
      throw new dist_A(void 0, "binary", Ks);
  const [r, s] = t;
  return {
    binary: r,
    prefix: s
  };
}
function Xs(t, e = ["git"], n = !1) {
  let r = Pt(v(e), n);
  t.on("binary", (s) => {
    r = Pt(v(s), n), we.info("reconfiguring %o", r);
  }), t.append("spawn.binary", () => r.binary), t.append("spawn.args", (s) => r.prefix ? [r.prefix, ...s] : s);
}
const be = {
  DISALLOWED_ABBREVIATED: {
    text: "disallowed abbreviated or ambiguous option",
    solution: "Unambiguous abbreviated options blocked with unsafe.allowAbbreviatedOptions setting: {message}"
  },
  UNKNOWN: {
    text: "~ unknown ~",
    solution: void 0
  }
};
function Ys(t) {
  if (!t)
    return "UNKNOWN";
  for (const [e, { text: n }] of Object.entries(be))
    if (t.startsWith(`fatal: ${n}`))
      return e;
  return "UNKNOWN";
}
class Qs extends dist_O {
  constructor(e = "") {
    const n = Ys(e);
    super(void 0, be[n].solution?.replace("{message}", e) ?? e), this.reason = n;
  }
}
function Js(t) {
  return !!(t.exitCode && t.stdErr.length);
}
function Zs(t) {
  return Buffer.concat([...t.stdOut, ...t.stdErr]);
}
function to(t = !1, e = Js, n = Zs) {
  return (r, s) => !t && r || !e(s) ? r : n(s);
}
function eo(t, e) {
  return t === 128 && e.startsWith("fatal:") ? new Qs(e) : new dist_O(void 0, e);
}
function Mt(t) {
  return {
    type: "task.error",
    action(e, n) {
      const r = t(e.error, {
        stdErr: n.stdErr,
        stdOut: n.stdOut,
        exitCode: n.exitCode
      });
      return Buffer.isBuffer(r) ? {
        error: eo(n.exitCode, r.toString("utf-8"))
      } : {
        error: r
      };
    }
  };
}
const nt = dist_$("", "plugin:input");
function no(t) {
  return {
    type: "spawn.after",
    action(e, { commands: n, input: r, spawned: { stdin: s } }) {
      if (!s)
        return;
      const o = t?.([...n]) ?? r;
      if (!o)
        return nt("generated zero length content, not writing to stdin");
      nt("writing %s bytes to stdin", Le(o)), s.on("error", (i) => {
        i.code !== "EPIPE" && nt("[ERROR] stdin error %o", i);
      }), s.end(o);
    }
  };
}
class ro {
  constructor() {
    this.plugins = /* @__PURE__ */ new Set(), this.events = new external_node_events_namespaceObject.EventEmitter();
  }
  on(e, n) {
    this.events.on(e, n);
  }
  reconfigure(e, n) {
    this.events.emit(e, n);
  }
  append(e, n) {
    const r = dist_S(this.plugins, { type: e, action: n });
    return () => this.plugins.delete(r);
  }
  add(e) {
    const n = [];
    return v(e).forEach(
      (r) => {
        r && this.plugins.add(dist_S(n, r));
      }
    ), () => {
      n.forEach((r) => {
        this.plugins.delete(r);
      });
    };
  }
  exec(e, n, r) {
    let s = n;
    const o = Object.freeze(Object.create(r));
    for (const i of this.plugins)
      i.type === e && (s = i.action(s, o));
    return s;
  }
}
function so(t) {
  const e = "--progress", n = ["checkout", "clone", "fetch", "pull", "push"];
  return [{
    type: "spawn.args",
    action(o, i) {
      return n.includes(i.method) ? De(o, e) : o;
    }
  }, {
    type: "spawn.after",
    action(o, i) {
      i.commands.includes(e) && i.spawned.stderr?.on("data", (a) => {
        const c = /^([\s\S]+?):\s*(\d+)% \((\d+)\/(\d+)\)/.exec(a.toString("utf8"));
        c && t({
          method: i.method,
          stage: oo(c[1]),
          progress: p(c[2]),
          processed: p(c[3]),
          total: p(c[4])
        });
      });
    }
  }];
}
function oo(t) {
  return String(t.toLowerCase().split(" ", 1)) || "unknown";
}
function io(t) {
  const e = je(t, ["uid", "gid"]);
  return {
    type: "spawn.options",
    action(n) {
      return { ...e, ...n };
    }
  };
}
function ao() {
  return {
    type: "spawn.args",
    action(t) {
      const e = [];
      let n;
      function r(s) {
        (n = n || []).push(...s);
      }
      for (let s = 0; s < t.length; s++) {
        const o = t[s];
        if (dist_r(o)) {
          r(dist_o(o));
          continue;
        }
        if (o === "--") {
          r(
            t.slice(s + 1).flatMap((i) => dist_r(i) && dist_o(i) || i)
          );
          break;
        }
        e.push(o);
      }
      return n ? [...e, "--", ...n.map(String)] : e;
    }
  };
}
function uo({
  block: t,
  stdErr: e = !0,
  stdOut: n = !0
}) {
  if (t > 0)
    return {
      type: "spawn.after",
      action(r, s) {
        let o;
        function i() {
          o && clearTimeout(o), o = setTimeout(c, t);
        }
        function a() {
          s.spawned.stdout?.off("data", i), s.spawned.stderr?.off("data", i), s.spawned.off("exit", a), s.spawned.off("close", a), o && clearTimeout(o);
        }
        function c() {
          a(), s.kill(new dist_A(void 0, "timeout", "block timeout reached"));
        }
        n && s.spawned.stdout?.on("data", i), e && s.spawned.stderr?.on("data", i), s.spawned.on("exit", a), s.spawned.on("close", a), i();
      }
    };
}
const wo = (t, e) => {
  const n = new ro(), r = Ge(
    t && (typeof t == "string" ? { baseDir: t } : t) || {},
    e
  );
  if (!Lt(r.baseDir))
    throw new Ae(
      r,
      "Cannot use simple-git on a directory that does not exist"
    );
  return Array.isArray(r.config) && n.add(qs(r.config)), n.add(zs(r.unsafe)), n.add(Ws(r.completion)), r.abort && n.add(Is(r.abort)), r.progress && n.add(so(r.progress)), r.timeout && n.add(uo(r.timeout)), r.spawnOptions && n.add(io(r.spawnOptions)), n.add(ao()), n.add(no(r.input)), n.add(Mt(to(!0))), r.errors && n.add(Mt(r.errors)), Xs(n, r.binary, r.unsafe?.allowUnsafeCustomBinary), n.add(
    Fs(r.allowEnvironment ?? [], r.unsafe?.allowAbbreviatedOptions)
  ), new dist_f(r, n);
};

//# sourceMappingURL=index.mjs.map

;// CONCATENATED MODULE: ./src/git/repository.ts




/**
 * Settings that keep the repository's own programs (hooks, filters, monitors) from running and its
 * files from changing while we read it. Command-line scope beats what the repository configures.
 */
const SETTINGS = [
    `core.hooksPath=${external_node_os_.devNull}`,
    'core.fsmonitor=false',
    'filter.lfs.smudge=',
    'filter.lfs.process=',
    'filter.lfs.required=false',
    'gc.auto=0',
    'maintenance.auto=false',
    'submodule.recurse=false',
    'protocol.ext.allow=never',
];
/**
 * Opens the repository that holds `folder`.
 *
 * @throws Failure `git` when there is none, or git itself is missing
 */
async function openRepository(folder) {
    const git = gitIn(folder);
    let root;
    try {
        root = await git(['rev-parse', '--show-toplevel']);
    }
    catch (cause) {
        throw new src_failure/* Failure */.H('git', `${folder} is not a git repository: ${firstLine(cause)}`, {
            hint: 'In a workflow, run actions/checkout before this action. In a terminal, use --repo.',
            cause,
        });
    }
    return { root: (0,external_node_fs_.realpathSync)(root), git: gitIn(root) };
}
/** First line of what git said, for messages. */
function firstLine(thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.find((line) => /^(fatal|error):/.test(line)) ?? lines[0] ?? 'git failed';
}
function gitIn(folder) {
    // Inherited git settings, editors and pagers are not ours, and simple-git refuses them.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(GIT_.*|SSH_ASKPASS|EDITOR|VISUAL|PAGER|PREFIX)$/i.test(name));
    const environment = {
        ...Object.fromEntries(inherited),
        GIT_TERMINAL_PROMPT: '0',
        GIT_NO_REPLACE_OBJECTS: '1',
        GIT_LFS_SKIP_SMUDGE: '1',
        GIT_OPTIONAL_LOCKS: '0',
    };
    return async (args, options = {}) => {
        const variables = options.index
            ? { ...environment, GIT_INDEX_FILE: options.index }
            : environment;
        const client = wo({
            baseDir: folder,
            // A job container may run as another user than the one who owns the checkout.
            config: [...SETTINGS, `safe.directory=${folder}`],
            allowEnvironment: Object.keys(variables),
            trimmed: true,
            // Each of these lifts simple-git's guard for a setting that SETTINGS turns *off*.
            unsafe: {
                allowUnsafeHooksPath: true,
                allowUnsafeFsMonitor: true,
                allowUnsafeFilter: true,
                allowUnsafeProtocolOverride: true,
            },
        }).env(variables);
        return await client.raw([...args]);
    };
}
/** True for an error that git itself reported, as opposed to a defect. */
function isGitError(thrown) {
    return thrown instanceof GitError;
}

;// CONCATENATED MODULE: ./src/git/changedFiles.ts


/**
 * The files in which two commits differ.
 *
 * @throws Failure `git`
 */
async function changedFiles(git, commits) {
    const options = ['-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--end-of-options'];
    try {
        return parseRaw(await git(['diff-tree', ...options, commits.base, commits.head]));
    }
    catch (cause) {
        throw new src_failure/* Failure */.H('git', `The two commits could not be compared: ${firstLine(cause)}`, {
            hint: 'Check that the clone is complete.',
            cause,
        });
    }
}
/** Parses what `git diff-tree -r -z --raw --no-renames` prints (git-diff-tree, "Raw output format"). */
function parseRaw(output) {
    const fields = output.split('\0');
    // Every field ends with NUL, so nothing is left after the last.
    if (fields.pop() !== '')
        throw new Error('git diff-tree printed something unexpected');
    const files = [];
    for (let index = 0; index < fields.length; index += 2) {
        const match = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(fields[index] ?? '');
        const path = fields[index + 1] ?? '';
        if (match === null || path === '')
            throw new Error('git diff-tree printed something unexpected');
        const [, baseMode, headMode, baseBlob, headBlob, letter] = match;
        const status = letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified';
        files.push({
            path,
            status,
            mode: { base: baseMode, head: headMode },
            blob: { base: baseBlob, head: headBlob },
        });
    }
    return files;
}

;// CONCATENATED MODULE: ./src/git/commits.ts


/** A shallow clone is deepened in these steps until a merge-base shows. */
const DEEPEN = [50, 200, 1000, 10_000];
const FULL_SHA = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/**
 * SHA of the commit that the working tree has checked out.
 *
 * @throws Failure `git` in a repository without a commit
 */
async function checkedOutCommit(git) {
    const commit = await lookUp(git, 'HEAD');
    if (commit !== null)
        return commit;
    throw new src_failure/* Failure */.H('git', 'The repository has no commit checked out.', {
        hint: 'In a workflow, run actions/checkout before this action.',
    });
}
/**
 * Finds both commits, fetching what a shallow clone lacks. Only objects (and the list of shallow
 * commits) are added: no ref, no FETCH_HEAD, no index.
 *
 * @throws Failure `git` that names the side
 */
async function resolveCommits(git, wanted) {
    const head = await resolve(git, wanted.head, 'head', wanted.headFetchRef);
    return { head, base: await resolveBase(git, wanted.base, head) };
}
async function resolveBase(git, rule, head) {
    switch (rule.kind) {
        case 'commit':
            return await resolve(git, rule.revision, 'base', null);
        case 'first-parent':
            return await resolve(git, await firstParent(git, head), 'base', null);
        case 'merge-base':
            return await mergeBase(git, await resolve(git, rule.with, 'base', null), head);
        case 'default-branch': {
            const name = rule.name ?? (await defaultBranch(git));
            const tip = await resolve(git, name, 'base', `refs/heads/${name}`);
            return await mergeBase(git, tip, head);
        }
    }
}
/** The commit that `revision` names here, or null. Never fetches. */
async function lookUp(git, revision) {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    const commit = await git(args).catch(() => '');
    return FULL_SHA.test(commit) ? commit : null;
}
async function resolve(git, revision, side, fetchRef) {
    const known = (await lookUp(git, revision)) ??
        // `main` in a CI checkout is only known as the remote's branch.
        (FULL_SHA.test(revision) ? null : await lookUp(git, `refs/remotes/origin/${revision}`));
    if (known !== null)
        return known;
    const remoteRef = fetchRef ?? (FULL_SHA.test(revision) ? null : `refs/heads/${revision}`);
    const attempts = FULL_SHA.test(revision) ? [revision, remoteRef] : [remoteRef];
    let reason;
    for (const attempt of attempts) {
        if (attempt === null)
            continue;
        try {
            const fetched = await fetchCommit(git, attempt);
            if (!FULL_SHA.test(revision) || fetched === revision)
                return fetched;
        }
        catch (error) {
            reason = error;
        }
    }
    throw new src_failure/* Failure */.H('git', `The ${side} commit ${revision} is not in this clone and could not be fetched: ${firstLine(reason ?? 'the remote has another commit there')}`, {
        side,
        hint: 'Let actions/checkout keep its credentials, or give it `fetch-depth: 0`; a commit removed by a force-push needs a new run.',
        cause: reason,
    });
}
/** Fetches one commit by SHA or full ref name from origin and gives its SHA. */
async function fetchCommit(git, what) {
    const depth = (await isShallow(git)) ? ['--depth=1'] : [];
    await git(['fetch', ...QUIETLY, ...depth, '--end-of-options', 'origin', what]);
    if (FULL_SHA.test(what))
        return (await lookUp(git, what)) ?? '';
    const listed = await git(['ls-remote', '--end-of-options', 'origin', what]);
    return (await lookUp(git, listed.split('\t')[0] ?? '')) ?? '';
}
// An empty refmap keeps a fetched branch from moving its remote-tracking ref.
const QUIETLY = [
    '--refmap=',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
];
async function isShallow(git) {
    return (await git(['rev-parse', '--is-shallow-repository'])) === 'true';
}
/** First parent as the commit object itself says: a shallow clone hides it from `rev^1`. */
async function firstParent(git, commit) {
    const object = await git(['cat-file', 'commit', commit]);
    const header = object.slice(0, object.indexOf('\n\n'));
    const parent = /^parent ([0-9a-f]+)$/m.exec(header)?.[1];
    if (parent !== undefined)
        return parent;
    throw new src_failure/* Failure */.H('git', `The commit ${commit} has no parent to compare with.`, {
        side: 'base',
        hint: 'Give the input `base`.',
    });
}
async function mergeBase(git, base, head) {
    for (const depth of [0, ...DEEPEN]) {
        if (depth > 0) {
            if (!(await isShallow(git)))
                break;
            await git([
                'fetch',
                ...QUIETLY,
                `--deepen=${depth}`,
                '--end-of-options',
                'origin',
                base,
                head,
            ]);
        }
        const found = await git(['merge-base', '--end-of-options', base, head]);
        if (FULL_SHA.test(found))
            return found;
    }
    throw new src_failure/* Failure */.H('git', `The commits ${base} and ${head} share no history.`, {
        side: 'base',
        hint: 'Give actions/checkout `fetch-depth: 0`, or give the input `base`.',
    });
}
/**
 * Name of the default branch: as the clone knows it, else the only one with a usual name, else as
 * the remote says. A clone made by actions/checkout has no `origin/HEAD`.
 */
async function defaultBranch(git) {
    const head = await git(['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
    if (head.startsWith('origin/'))
        return head.slice('origin/'.length);
    const usual = [];
    for (const name of ['main', 'master']) {
        const here = await lookUp(git, `refs/heads/${name}`);
        const there = await lookUp(git, `refs/remotes/origin/${name}`);
        if (here !== null || there !== null)
            usual.push(name);
    }
    const [only, another] = usual;
    if (only !== undefined && another === undefined)
        return only;
    const listed = await git(['ls-remote', '--symref', 'origin', 'HEAD']).catch(() => '');
    const named = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1];
    if (named !== undefined)
        return named;
    throw new src_failure/* Failure */.H('git', 'The default branch of this repository is not known.', {
        side: 'base',
        hint: 'Name the commit to compare with: the input `base`, or BASE on the command line.',
    });
}

;// CONCATENATED MODULE: ./src/git/diff.ts
/** Bounds on what is read: the text is for people, who look at a few files of a few lines. */
const diff_MOST_FILES = 300;
const MOST_BYTES_OF_FILE = 256 * 1024;
const MOST_BYTES = 2 * 1024 * 1024;
const REGULAR = /^(100644|100755|000000)$/;
/**
 * Unified diffs of changed files, by their path at head. Files that are large, binary or no files
 * are left out. Nothing that the repository configures runs, and nothing is fetched.
 *
 * @throws what git says; the caller can do without
 */
async function readDiffs(git, commits, changed) {
    const files = changed.filter(({ mode }) => REGULAR.test(mode.base) && REGULAR.test(mode.head));
    const some = files.slice(0, diff_MOST_FILES).map(({ path }) => path);
    if (some.length === 0)
        return new Map();
    const before = await sizesOf(git, commits.base, some);
    const after = await sizesOf(git, commits.head, some);
    const small = withinBounds(some, (path) => [before.get(path) ?? 0, after.get(path) ?? 0]);
    if (small.length === 0)
        return new Map();
    const pathspecs = small.map((path) => `:(top,literal)${path}`);
    const output = await git(['diff', ...OPTIONS, commits.base, commits.head, '--', ...pathspecs]);
    return new Map(parseDiff(output).map((diff) => [diff.path, diff]));
}
/** Each of these outdoes a setting that could change the format, or run a program. */
const OPTIONS = [
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--no-relative',
    '--patch',
    '--unified=3',
    '--inter-hunk-context=0',
    '--find-renames',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    '--ignore-submodules',
    '--submodule=short',
    '-O/dev/null',
];
/** Files as long as they stay within the bounds, in their order. */
function withinBounds(paths, sizes) {
    let total = 0;
    return paths.filter((path) => {
        const [before, after] = sizes(path);
        if (Math.max(before, after) > MOST_BYTES_OF_FILE)
            return false;
        total += before + after;
        return total <= MOST_BYTES;
    });
}
/** Sizes in bytes of those files that a commit has. */
async function sizesOf(git, commit, paths) {
    const listed = await git(['ls-tree', '-r', '-z', '--long', commit, '--', ...paths]);
    const entries = listed.split('\0').flatMap((entry) => {
        const match = /^\d+ blob [0-9a-f]+ +(\d+)\t(.*)$/s.exec(entry);
        return match === null ? [] : [[match[2], Number(match[1])]];
    });
    return new Map(entries);
}
/**
 * Parses what `git diff --patch` prints (git-diff, "Generating patch text with -p"). Files without
 * text to show, such as binary and merely renamed ones, are left out.
 */
function parseDiff(output) {
    // A line of a file always has a sign before it, so this is no line of a file.
    const sections = output.split(/^(?=diff --git )/m);
    return sections.flatMap((section) => {
        const lines = section.split('\n');
        const first = lines.findIndex((line) => HUNK.test(line));
        if (first < 0)
            return [];
        const before = pathIn(lines.slice(0, first), '--- ');
        const after = pathIn(lines.slice(0, first), '+++ ');
        const path = after ?? before;
        if (path === null)
            return [];
        const from = before !== null && before !== path ? before : null;
        return [{ path, from, hunks: hunksIn(lines.slice(first)) }];
    });
}
const HUNK = /^(@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@)/;
function hunksIn(lines) {
    const hunks = [];
    for (const line of lines) {
        const match = HUNK.exec(line);
        if (match !== null) {
            hunks.push({ start: Number(match[2]), header: match[1], lines: [] });
        }
        else if (/^[-+ ]/.test(line)) {
            hunks.at(-1)?.lines.push(line);
        }
    }
    return hunks;
}
/** The path in a header line `--- a/…` or `+++ b/…`; null for `/dev/null`. */
function pathIn(header, start) {
    const line = header.find((text) => text.startsWith(start));
    if (line === undefined)
        return null;
    // Git ends a path that has blanks with a tab.
    const written = line.slice(start.length).replace(/\t$/, '');
    const path = written.startsWith('"') ? unquote(written) : written;
    return path === '/dev/null' ? null : path.slice('a/'.length);
}
const ESCAPES = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
/** A path as git quotes it: C escapes, and bytes in octal (git-config, `core.quotePath`). */
function unquote(quoted) {
    const bytes = [];
    for (const match of quoted.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)) {
        const [, octal, escaped, plain] = match;
        if (octal !== undefined)
            bytes.push(Buffer.from([Number.parseInt(octal, 8)]));
        else if (escaped !== undefined)
            bytes.push(Buffer.from([ESCAPES[escaped] ?? escaped.charCodeAt(0)]));
        else
            bytes.push(Buffer.from(plain ?? ''));
    }
    return Buffer.concat(bytes).toString();
}

;// CONCATENATED MODULE: ./src/git/texts.ts

/** `MODEL (` of SQL models and `@model(` of Python models, as an extended regular expression. */
const MODEL_START = '^[[:space:]]*(MODEL[[:space:]]*\\(|@model\\()';
/**
 * Texts for the report's readers. Nothing depends on them: where git cannot give them, there are
 * none.
 */
async function readTexts(git, commits, changed) {
    // A huge change may also exceed what one command line takes: then there is nothing to show either.
    const diffs = await readDiffs(git, commits, changed).catch(() => new Map());
    const lines = readModelLines(git, commits.head, changed);
    return { diffs, modelLines: await lines.catch(() => new Map()) };
}
async function readModelLines(git, head, changed) {
    const paths = changed
        .filter(({ status, path }) => status !== 'deleted' && /\.(sql|py)$/.test(path))
        .slice(0, texts_MOST_FILES)
        .map(({ path }) => `:(top,literal)${path}`);
    if (paths.length === 0)
        return new Map();
    // Only the match itself is printed, so that a long line costs nothing.
    const options = [
        '-I',
        '-z',
        '-n',
        '-i',
        '-o',
        '--full-name',
        '--no-color',
        '-E',
        '-e',
        MODEL_START,
    ];
    const output = await git(['grep', ...options, head, '--', ...paths]);
    return parseMatches(output, head);
}
const texts_MOST_FILES = 1000;
/** Records `COMMIT:PATH NUL LINE NUL MATCH` of git-grep; the first of each path counts. */
function parseMatches(output, commit) {
    const lines = new Map();
    for (const match of output.matchAll(/([^\0]+)\0(\d+)\0[^\n]*(?:\n|$)/g)) {
        const path = match[1].slice(commit.length + 1);
        if (!lines.has(path))
            lines.set(path, Number(match[2]));
    }
    return lines;
}

;// CONCATENATED MODULE: ./src/privateFolder.ts





/**
 * Makes a folder that only this check uses. It also goes away when the process is ended half-way:
 * the doors turn signals into an exit.
 *
 * @param parent where it is made
 * @param prefix how its name begins
 * @throws Failure `config` when there is no place for it
 */
async function privateFolder(parent, prefix) {
    const folder = await (0,promises_namespaceObject.mkdtemp)(external_node_path_default().join(await neutralFolder(parent), prefix));
    const atExit = () => (0,external_node_fs_.rmSync)(folder, { recursive: true, force: true });
    process.once('exit', atExit);
    return {
        path: folder,
        [Symbol.asyncDispose]: async () => {
            await (0,promises_namespaceObject.rm)(folder, { recursive: true, force: true, maxRetries: 3 });
            process.removeListener('exit', atExit);
        },
    };
}
/**
 * SQLMesh infers names from the first path segment called `models`, and takes code below
 * `site-packages` for a library's (`sqlmesh.utils.metaprogramming`): the folder must have neither.
 */
async function neutralFolder(parent) {
    for (const candidate of [parent, (0,external_node_os_.tmpdir)(), '/tmp']) {
        const real = await (0,promises_namespaceObject.realpath)(candidate).catch(() => null);
        if (real !== null &&
            !real.split((external_node_path_default()).sep).some((name) => /^(models|site-packages)$/.test(name))) {
            return real;
        }
    }
    throw new src_failure/* Failure */.H('config', `There is no folder for temporary files: ${parent} cannot be used.`, {
        hint: 'Set TMPDIR to a folder whose path has no part called models or site-packages.',
    });
}

;// CONCATENATED MODULE: ./src/git/trees.ts





/** How much of paths a command line takes everywhere; for more of them all files are as fast. */
const PATHS_LIMIT = 64 * 1024;
/**
 * Makes the private folder, with nothing in it yet.
 *
 * @param parent where it is made
 * @throws Failure `config` when no folder can be used
 */
async function openTrees(parent) {
    const folder = await privateFolder(parent, 'unsynced-');
    const home = folder.path;
    const scratch = external_node_path_default().join(home, 'scratch');
    let complete = async () => { };
    const checkoutBoth = async (git, commits, only) => {
        const sides = ['base', 'head'];
        const ended = await Promise.allSettled(sides.map((side) => checkout(git, commits[side], side, home, only?.[side] ?? null)));
        // Only now, as the folder must not go away while git still writes to it.
        for (const one of ended)
            if (one.status === 'rejected')
                throw one.reason;
        complete = only === null ? async () => { } : () => checkoutBoth(git, commits, null);
    };
    return {
        home,
        scratch,
        checkout: checkoutBoth,
        complete: () => complete(),
        visit: visitor(home, scratch),
        [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
    };
}
async function checkout(git, commit, side, home, only) {
    const index = external_node_path_default().join(home, `${side}.index`);
    const place = external_node_path_default().join(home, side);
    const few = only !== null && only.join('').length < PATHS_LIMIT ? only : null;
    try {
        await git(['read-tree', commit], { index });
        await (0,promises_namespaceObject.mkdir)(place, { recursive: true });
        const what = few === null ? ['--all'] : ['--', ...few];
        await git(['checkout-index', '--force', '--quiet', `--prefix=${place}/`, ...what], { index });
    }
    catch (cause) {
        const message = `The files of the ${side} commit ${commit} could not be written: ${firstLine(cause)}`;
        throw new src_failure/* Failure */.H('git', message, {
            side,
            hint: 'Check the disk space of the runner, and that the clone is complete.',
            cause,
        });
    }
    finally {
        await (0,promises_namespaceObject.rm)(index, { force: true });
    }
}
function visitor(home, scratch) {
    return async (side, work) => {
        const place = external_node_path_default().join(home, 'tree');
        await (0,promises_namespaceObject.rename)(external_node_path_default().join(home, side), place);
        await (0,promises_namespaceObject.mkdir)(scratch);
        try {
            return await work(place, scratch);
        }
        finally {
            await (0,promises_namespaceObject.rename)(place, external_node_path_default().join(home, side));
            await (0,promises_namespaceObject.rm)(scratch, { recursive: true, force: true });
        }
    };
}

;// CONCATENATED MODULE: ./src/dagster/definitions.ts



const asset = schemas/* strictObject */.rej({
    key: schemas/* array */.YOg(schemas/* string */.YjP()),
    /** Dagster's `code_version`; null or "" = none. */
    codeVersion: schemas/* string */.YjP().nullable(),
    /** Keys of the assets it depends on. */
    parents: schemas/* array */.YOg(schemas/* array */.YOg(schemas/* string */.YjP())),
    group: schemas/* string */.YjP().nullable(),
    kinds: schemas/* array */.YOg(schemas/* string */.YjP()),
    /** Metadata `dagster/table_name`: the table that the asset is, `catalog.schema.name`. */
    tableName: schemas/* string */.YjP().nullable(),
    partitioned: schemas/* boolean */.zMY(),
    /** Dagster looks at its partitions when it judges an unpartitioned child. */
    partitionsTracked: schemas/* boolean */.zMY(),
    /** Nothing materializes it: a source, an observed asset, or a stub. */
    external: schemas/* boolean */.zMY(),
    /** Dagster 1.13's virtual assets, which pass staleness through. */
    virtual: schemas/* boolean */.zMY(),
});
const definitions = schemas/* strictObject */.rej({
    versions: schemas/* strictObject */.rej({ python: schemas/* string */.YjP(), dagster: schemas/* string */.YjP() }),
    /** The file that was loaded, relative to the repository root. */
    file: repositoryPath.nullable(),
    /** Which SQLMesh integrations the definitions imported. */
    imported: schemas/* array */.YOg(schemas/* enum */.k5n(['dg_sqlmesh', 'dagster_sqlmesh'])),
    /** Sorted by key; with a stub for every parent that is not defined. */
    assets: schemas/* array */.YOg(asset),
    notices: schemas/* array */.YOg(schemas/* strictObject */.rej({ code: schemas/* string */.YjP(), message: schemas/* string */.YjP() })),
});
const answer = answerOf({ definitions });
/** Lies beside this file, and beside the bundle. */
const definitions_SCRIPT = external_node_path_default().join(import.meta.dirname, 'definitions.py');
/**
 * Loads one commit's Dagster definitions in a process of their own, with a temporary DAGSTER_HOME.
 * No asset is materialized.
 *
 * @param onPrinted gets the tail of what the load printed, if it fails
 * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
 */
async function loadDefinitions(load, onPrinted) {
    const { side, python, tree, workspace, target, timeoutSeconds } = load;
    const question = {
        what: `Loading the definitions of ${side}`,
        side,
        python,
        script: definitions_SCRIPT,
        folder: tree,
        environment: { ...load.environment, DAGSTER_HOME: external_node_path_default().join(load.scratch, 'dagster') },
        request: { tree, workspace, target },
        timeoutSeconds,
    };
    return (await askPython(question, answer, onPrinted)).definitions;
}

// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __nccwpck_require__(975);
;// CONCATENATED MODULE: ./src/python/find.ts





const find_run = (0,external_node_util_.promisify)(external_node_child_process_namespaceObject.execFile);
/**
 * Asked of every candidate: where it really is, how old it is, and whether it has SQLMesh (without
 * importing it). A folder `sqlmesh` of the repository is no SQLMesh, so the current folder is left out.
 */
const QUESTION = [
    'import importlib.util, sys',
    'sys.path[:] = [entry for entry in sys.path if entry]',
    'print(sys.executable)',
    'print(*sys.version_info[:2])',
    'print(getattr(importlib.util.find_spec("sqlmesh"), "origin", None) is not None)',
].join('; ');
const SECONDS_TO_ANSWER = 60;
/** What the scripts that run in the user's Python are written for. */
const OLDEST = [3, 9];
/**
 * The interpreter that the input `python` names.
 *
 * @param command a path, or a command line that runs Python
 * @returns its absolute path
 * @throws Failure `environment` when it is none, is too old or has no SQLMesh
 */
async function givenPython(command, search) {
    const words = splitWords(command);
    const first = words[0];
    if (first === undefined)
        throw new src_failure/* Failure */.H('config', 'Input `python` is blank.');
    // A path is meant relative to the repository, whatever the folder of this process is.
    const program = first.includes('/') ? external_node_path_default().resolve(search.workspace, first) : first;
    const answer = await ask([program, ...words.slice(1)], search);
    const problem = problemOf(answer);
    if (answer !== null && problem === null)
        return answer.executable;
    if (answer === null) {
        throw new src_failure/* Failure */.H('environment', `The input \`python\` (${command}) does not run as Python.`, {
            hint: 'Give the path of an interpreter, or a command line such as `uv run python`.',
        });
    }
    throw new src_failure/* Failure */.H('environment', `The input \`python\` (${command}) ${problem}.`, {
        hint: isOld(answer.version)
            ? `Point the input \`python\` to ${OLDEST.join('.')} or newer.`
            : 'Install the project’s requirements there, or point the input `python` elsewhere.',
    });
}
/**
 * The first Python with SQLMesh: `VIRTUAL_ENV`, `.venv` in a project or in the repository's root,
 * then `python3` and `python` on PATH.
 *
 * @param suggestion an install command that would make one, for the error's hint
 * @returns its absolute path
 * @throws Failure `environment` that lists what was tried
 */
async function findPython(search, suggestion) {
    const { workspace, projects, environment } = search;
    const folders = [...projects.map((project) => external_node_path_default().join(workspace, project)), workspace];
    const active = environment['VIRTUAL_ENV'] ? [environment['VIRTUAL_ENV']] : [];
    const venvs = [...active, ...folders.map((folder) => external_node_path_default().join(folder, '.venv'))];
    const { found, tried } = await firstWithSqlmesh([...inVenvs(venvs), 'python3', 'python'], search);
    if (found !== null)
        return found;
    const earlier = 'Install the project’s requirements in an earlier step, or point the input `python` to the interpreter that has them.';
    throw new src_failure/* Failure */.H('environment', `No Python with SQLMesh was found. Tried: ${tried}.`, {
        hint: suggestion === null
            ? earlier
            : `Let this action make the environment with the input \`install: ${suggestion}\`. ${earlier}`,
    });
}
/**
 * @param candidates programs in the order of preference
 * @returns `found`: absolute path of the first that will do; `tried`: what was wrong with the others
 */
async function firstWithSqlmesh(candidates, place) {
    const tried = [];
    for (const candidate of new Set(candidates)) {
        const answer = await ask([candidate], place);
        const problem = problemOf(answer);
        if (answer !== null && problem === null)
            return { found: answer.executable, tried: '' };
        tried.push(`${relativeTo(place.workspace, candidate)} (${problem})`);
    }
    return { found: null, tried: tried.join(', ') || 'nothing, there is no Python' };
}
/** The first Python on PATH that is new enough, whatever it has installed; null if there is none. */
async function barePython(place) {
    for (const candidate of ['python3', 'python']) {
        const answer = await ask([candidate], place);
        if (answer !== null && !isOld(answer.version))
            return answer.executable;
    }
    return null;
}
/** Interpreters of those folders that are virtual environments. */
function inVenvs(folders) {
    return folders
        .map((folder) => external_node_path_default().join(folder, 'bin', 'python'))
        .filter((file) => (0,external_node_fs_.existsSync)(file));
}
/** What a failure says of a candidate; null when it will do. */
function problemOf(answer) {
    if (answer === null)
        return 'does not run';
    if (isOld(answer.version)) {
        return `is Python ${answer.version}, but ${OLDEST.join('.')} or newer is needed`;
    }
    return answer.hasSqlmesh ? null : 'has no sqlmesh';
}
/** Reports hold no absolute path of the checkout. */
function relativeTo(workspace, program) {
    return program.startsWith(`${workspace}/`) ? external_node_path_default().relative(workspace, program) : program;
}
function isOld(version) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
async function ask(command, { workspace, environment }) {
    const [program, ...rest] = command;
    try {
        const { stdout } = await find_run(program, [...rest, '-c', QUESTION], {
            cwd: workspace,
            timeout: SECONDS_TO_ANSWER * 1000,
            env: withoutSecrets(environment),
        });
        // Wrappers such as `uv run` may print lines of their own first.
        const [executable, version, has] = stdout.trim().split('\n').slice(-3);
        if (!executable || !version || !external_node_path_default().isAbsolute(executable))
            return null;
        return { executable, version: version.replace(' ', '.'), hasSqlmesh: has === 'True' };
    }
    catch {
        // Not there, not runnable or not Python: the caller lists it as tried.
        return null;
    }
}
/** Tools such as uv and Poetry need HOME for their caches; the runner's tokens they do not need. */
function withoutSecrets(environment) {
    const secret = /^(GITHUB_|ACTIONS_|INPUT_|RUNNER_|STATE_)|TOKEN|SECRET|PASSWORD/i;
    return Object.fromEntries(Object.entries(environment).filter(([name]) => !secret.test(name)));
}
/** Words of a command line; quotes keep blanks together, as in a shell, and nothing is expanded. */
function splitWords(command) {
    const words = command.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
    return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

;// CONCATENATED MODULE: ./src/python/variables.ts

/**
 * Variables of the runner that a Python process needs to start and to talk in the user's language.
 * A self-hosted runner's Python finds its own library by LD_LIBRARY_PATH (actions/setup-python#871).
 */
const PASSED_ON = /^(PATH|LD_LIBRARY_PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|VIRTUAL_ENV|SYSTEMROOT|TMPDIR|TEMP|TMP)$/;
/** The way to the network, and certificates to trust on it. */
const NETWORK = /^((HTTP|HTTPS|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|NODE_EXTRA_CA_CERTS)$/i;
/** Settings of installers; not where they put what later runs would find. */
const INSTALLERS = /^(PIP|UV|POETRY|PIPENV|PDM|PYENV)_(?!.*(CACHE|HOME|TARGET|PREFIX|_DIR$))/;
/** These would lead an installer away from the environment that it is to fill. */
const STEERING = /^(UV_SYSTEM_PYTHON|UV_BREAK_SYSTEM_PACKAGES|UV_PROJECT|UV_WORKING_DIRECTORY|PIP_(USER|PYTHON|ROOT)|POETRY_VIRTUALENVS_.*|PIPENV_(PIPFILE|IGNORE_VIRTUALENVS|VENV_IN_PROJECT))$/;
const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|USERNAME|HTTP_BASIC|_KEY$/i;
/** An address such as https://user:token@index.example/simple. */
const WITH_CREDENTIALS = /:\/\/[^/\s@]+@/;
/**
 * Variables of an install command: what the input `env` names, what installers need to reach a
 * package index, and none of the runner's tokens and settings. An address with credentials in it is
 * only passed on when its variable is named.
 *
 * Caches are private unless named: a pull request's code could leave something in a shared one that a
 * later, trusted run would install.
 */
function installEnvironment(inherited, names, place) {
    const entries = Object.entries(inherited);
    const usual = entries.filter(([name, value]) => isUsual(name) && !isSecret(name, value));
    const named = entries.filter(([name]) => names.includes(name));
    return {
        PIP_CACHE_DIR: external_node_path_default().join(place.cache, 'pip'),
        UV_CACHE_DIR: external_node_path_default().join(place.cache, 'uv'),
        POETRY_CACHE_DIR: external_node_path_default().join(place.cache, 'poetry'),
        PIPENV_CACHE_DIR: external_node_path_default().join(place.cache, 'pipenv'),
        XDG_CACHE_HOME: place.cache,
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        PIP_NO_INPUT: '1',
        POETRY_NO_INTERACTION: '1',
        PIPENV_NOSPIN: '1',
        NO_COLOR: '1',
        ...Object.fromEntries(usual),
        ...Object.fromEntries(named),
        HOME: place.home,
        GIT_TERMINAL_PROMPT: '0',
        PYTHONUTF8: '1',
        // Each tool has its own way to be told where; none of them may use the runner's environment.
        ...activated(inherited['PATH'], place.venv),
        UV_PROJECT_ENVIRONMENT: place.venv,
        POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    };
}
/** Names of variables that an installer might have wanted, kept back because of their credentials. */
function keptBack(inherited, names) {
    return Object.entries(inherited)
        .filter(([name, value]) => isUsual(name) && isSecret(name, value) && !names.includes(name))
        .map(([name]) => name)
        .sort();
}
/** What `source venv/bin/activate` sets. */
function activated(searchPath, venv) {
    const bin = external_node_path_default().join(venv, 'bin');
    return { VIRTUAL_ENV: venv, PATH: searchPath ? `${bin}${(external_node_path_default()).delimiter}${searchPath}` : bin };
}
function isUsual(name) {
    if (STEERING.test(name))
        return false;
    return PASSED_ON.test(name) || NETWORK.test(name) || INSTALLERS.test(name);
}
function isSecret(name, value = '') {
    return SECRET.test(name) || WITH_CREDENTIALS.test(value);
}

;// CONCATENATED MODULE: ./src/python/install.ts










const install_run = (0,external_node_util_.promisify)(external_node_child_process_namespaceObject.execFile);
/** Lines of what a failed command printed that its message shows. */
const SHOWN_LINES = 12;
/**
 * Makes the environment of one commit: a private virtual environment, then the user's command with
 * it activated, so that plain `pip install` fills it; uv, Poetry, Pipenv and PDM are told to use it.
 *
 * @param onPrinted gets the tail of what the command printed, if it fails
 * @returns absolute path of its Python, which has SQLMesh
 * @throws Failure that names the side: `install-failed`, `timeout`, `environment`
 */
async function install(installation, onPrinted) {
    const { place, command } = installation;
    await (0,promises_namespaceObject.mkdir)(place.home, { recursive: true });
    await (0,promises_namespaceObject.mkdir)(place.cache, { recursive: true });
    await makeVenv(installation, needsPip(command));
    await runCommand(installation, onPrinted);
    return await madePython(installation);
}
/** Without a Python of the runner's the command has to bring one, as uv can. */
async function makeVenv({ side, place, inherited }, pip) {
    const { PATH, LD_LIBRARY_PATH } = inherited;
    const python = await barePython({ workspace: place.home, environment: inherited });
    if (python === null)
        return;
    try {
        await install_run(python, ['-I', '-m', 'venv', ...(pip ? [] : ['--without-pip']), place.venv], {
            cwd: place.home,
            env: { PATH, LD_LIBRARY_PATH, HOME: place.home },
        });
    }
    catch (cause) {
        throw new src_failure/* Failure */.H('environment', `\`${python} -m venv\` failed: ${lastLines(cause)}`, {
            side,
            hint: 'Install the venv module (Debian and Ubuntu: python3-venv), or run actions/setup-python in an earlier step.',
            cause,
        });
    }
}
async function runCommand(installation, onPrinted) {
    const { command, tree, place, timeoutSeconds, inherited, names } = installation;
    // As the runner does for `run:` steps with `shell: bash`: a failing line ends the command.
    const [shell, ...options] = (0,external_node_fs_.existsSync)('/bin/bash')
        ? ['/bin/bash', '--noprofile', '--norc', '-eo', 'pipefail']
        : ['/bin/sh', '-e'];
    const child = (0,external_node_child_process_namespaceObject.spawn)(shell, [...options, '-c', command], {
        cwd: tree,
        env: installEnvironment(inherited, names, place),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
    });
    let late = false;
    const timer = setTimeout(() => {
        late = true;
        endGroup(child);
    }, timeoutSeconds * 1000);
    const endWithUs = () => endGroup(child);
    process.once('exit', endWithUs);
    try {
        const stdout = keepTail(child.stdout);
        const stderr = keepTail(child.stderr);
        const { code, signal } = await untilGone(child);
        if (code === 0 && !late)
            return;
        const printed = { stdout: stdout(), stderr: stderr() };
        onPrinted(printed);
        throw failed(installation, { code, signal, late, printed });
    }
    finally {
        clearTimeout(timer);
        process.removeListener('exit', endWithUs);
        endGroup(child);
    }
}
function failed(installation, { code, signal, late, printed }) {
    const { side, command, timeoutSeconds } = installation;
    const what = `\`${command}\` for ${side}`;
    if (late) {
        return new src_failure/* Failure */.H('timeout', `${what} took longer than ${timeoutSeconds} seconds.`, {
            side,
            hint: 'Raise the input `timeout`, or install less: SQLMesh and what the project imports is enough.',
        });
    }
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const lines = shownLines(printed.stderr.trim() || printed.stdout.trim(), installation);
    return new src_failure/* Failure */.H('install-failed', [`${what} ended with ${how}.`, ...lines].join('\n'), {
        side,
        hint: advice(`${printed.stdout}\n${printed.stderr}`, installation),
    });
}
/** The end of what was printed, without this machine's paths and without what `env` passed on. */
function shownLines(text, { tree, place, inherited, names }) {
    const secrets = names.map((name) => inherited[name] ?? '').filter((value) => value.length >= 4);
    const shown = secrets
        .reduce((rest, secret) => rest.replaceAll(secret, '***'), (0,external_node_util_.stripVTControlCharacters)(text))
        .replaceAll(`${tree}/`, '')
        .replaceAll(external_node_path_default().dirname(place.venv), '…');
    return shown
        .split(/\r\n|\r|\n/)
        .filter((line) => line.trim() !== '')
        .slice(-SHOWN_LINES)
        .map((line) => line.slice(0, 300));
}
function advice(printed, { inherited, names }) {
    if (/setuptools[-_]scm|hatch-vcs|not a git repository/i.test(printed)) {
        return 'The copy of the commit has no .git. Leave the project itself out of the installation (`uv sync --no-install-project`, `poetry install --no-root`), or put SETUPTOOLS_SCM_PRETEND_VERSION=0 before the command.';
    }
    const kept = keptBack(inherited, names);
    const general = 'The command runs in the root of a copy of that commit, with a private home and an allow-listed environment; the log shows more of what it printed.';
    if (kept.length === 0)
        return general;
    return `${general} Kept back because they hold credentials: ${kept.join(', ')}. If the command needs one, name it in the input \`env\`.`;
}
/** The environment that the command filled: ours, or a `.venv` that it made in the tree. */
async function madePython(installation) {
    const { side, command, tree, projects, place, inherited } = installation;
    const folders = [...projects.map((project) => external_node_path_default().join(tree, project)), tree];
    const own = folders.map((folder) => external_node_path_default().join(folder, '.venv'));
    const environment = { ...inherited, ...activated(inherited['PATH'], place.venv) };
    const search = { workspace: tree, environment };
    const { found, tried } = await firstWithSqlmesh(inVenvs([place.venv, ...own]), search);
    if (found === null) {
        const message = `\`${command}\` for ${side} installed no SQLMesh. Looked at: ${tried.replaceAll(external_node_path_default().dirname(place.venv), '…')}.`;
        throw new src_failure/* Failure */.H('environment', message, {
            side,
            hint: 'Let the command install the project’s requirements, SQLMesh among them, into the active virtual environment.',
        });
    }
    const inTree = own.find((folder) => found.startsWith(`${folder}/`));
    if (inTree === undefined)
        return found;
    // The tree is not always at the place where it is now, but the environment serves both commits.
    const kept = `${place.venv}-of-project`;
    await (0,promises_namespaceObject.rename)(inTree, kept);
    return external_node_path_default().join(kept, external_node_path_default().relative(inTree, found));
}
function lastLines(thrown) {
    const { stderr, stdout, message } = thrown;
    return (stderr?.trim() || stdout?.trim() || message).split('\n').slice(-3).join(' ');
}

;// CONCATENATED MODULE: ./src/python/environments.ts









/**
 * Decides which Python loads which commit: the input `python`, else the input `install`, else one
 * that is found. Installs nothing yet.
 *
 * @throws Failure `environment` when there is none, `versions-differ` when one is not enough
 */
async function openEnvironments(wanted, ports) {
    const read = (side) => ports.visit(side, (tree) => readDependencyFiles(tree, wanted.projects, wanted.install));
    const files = { base: await read('base'), head: await read('head') };
    const common = {
        pins: { base: readPins(files.base), head: readPins(files.head) },
        dependencyFiles: new Set([...files.base, ...files.head].map((file) => file.path)),
    };
    if (wanted.python === null && wanted.install !== null) {
        return { ...common, ...(await installed({ ...wanted, install: wanted.install }, ports, files)) };
    }
    const suggestion = suggestInstall(files.head);
    if (wanted.python === null)
        refuseOneForTwo(common.pins, suggestion);
    const search = { ...ports, projects: wanted.projects };
    const python = wanted.python === null
        ? await findPython(search, suggestion)
        : await givenPython(wanted.python, search);
    return {
        ...common,
        origin: wanted.python === null ? 'found' : 'given',
        isMissing: () => false,
        of: async () => ({ python, variables: {} }),
        [Symbol.asyncDispose]: async () => { },
    };
}
/**
 * The Python that `openEnvironments` will come to, without the commits' files.
 *
 * @returns null where those are needed to tell, or there is none
 */
async function guessPython({ python, install, projects }, ports) {
    const search = { ...ports, projects };
    if (python === null && install !== null)
        return null;
    const found = python === null ? findPython(search, null) : givenPython(python, search);
    // What is wrong is said when it is really needed.
    return await found.catch(() => null);
}
function refuseOneForTwo(pins, suggestion) {
    const differing = differingPins(pins);
    if (differing.length === 0)
        return;
    const command = suggestion ?? 'pip install -r requirements.txt';
    throw new src_failure/* Failure */.H('versions-differ', `Base and head pin ${differing.join(', ')}, but only one Python environment is available. Data hashes of different versions do not compare.`, {
        hint: `Let this action make one environment for each commit: \`install: ${command}\`. To compare both in one environment nevertheless, name it in the input \`python\`.`,
    });
}
async function installed(wanted, ports, files) {
    const { install: command, projects, timeoutSeconds, env: names } = wanted;
    const folder = await privateFolder(ports.temporary, 'unsynced-python-');
    const ready = new Map();
    const keyOf = (side) => {
        const own = copiesSources(command, [...files.base, ...files.head]) ? ` of ${side}` : '';
        return `${dependencyKey(files[side])}${own}`;
    };
    const of = async (side, tree) => {
        const earlier = ready.get(keyOf(side));
        if (earlier !== undefined)
            return earlier;
        const place = {
            venv: external_node_path_default().join(folder.path, `venv-${side}`),
            home: external_node_path_default().join(folder.path, 'home'),
            cache: external_node_path_default().join(folder.path, 'cache'),
        };
        const inherited = ports.environment;
        const job = { side, command, tree, projects, place, timeoutSeconds, inherited, names };
        const python = await install(job, (printed) => ports.onPrinted(`installing for ${side}`, printed));
        const venv = external_node_path_default().dirname(external_node_path_default().dirname(python));
        const interpreter = { python, variables: activated(inherited['PATH'], venv) };
        ready.set(keyOf(side), interpreter);
        return interpreter;
    };
    return {
        origin: 'installed',
        isMissing: (side) => !ready.has(keyOf(side)),
        of,
        [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
    };
}

// EXTERNAL MODULE: ./src/report/markdown.ts
var markdown = __nccwpck_require__(285);
;// CONCATENATED MODULE: ./src/report/subject.ts
/** Before anything is known. */
function unknownSubject(project) {
    return {
        base: { sha: null, ref: null },
        head: { sha: null, ref: null },
        project,
        sqlmesh: { base: null, head: null },
        integration: { name: null, version: null, wired: 'unknown' },
    };
}
/** Once the commits are resolved. */
function withCommits(subject, commits, refs) {
    return {
        ...subject,
        base: { sha: commits.base, ref: refs.baseRef },
        head: { sha: commits.head, ref: refs.headRef },
    };
}
/** Once one commit is loaded. */
function withVersion(subject, side, sqlmesh) {
    return { ...subject, sqlmesh: { ...subject.sqlmesh, [side]: sqlmesh } };
}

;// CONCATENATED MODULE: ./src/sqlmesh/environment.ts


/** The environment of a load: what was allowed, nothing of the runner's tokens and settings. */
function loadEnvironment(inherited, names, scratch) {
    const passed = Object.entries(inherited).filter(([name]) => PASSED_ON.test(name) || names.includes(name));
    return {
        ...Object.fromEntries(passed),
        HOME: scratch,
        SQLMESH_HOME: external_node_path_default().join(scratch, 'sqlmesh'),
        SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
        // Sets used as constants in macros are hashed by their repr, whose order depends on this.
        PYTHONHASHSEED: '0',
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONUTF8: '1',
        TZ: 'UTC',
    };
}

;// CONCATENATED MODULE: ./src/sqlmesh/loadBoth.ts


/**
 * Loads base, then head, no more of each than `scope` asks for.
 *
 * @throws Failure of base; of head if neither loads
 */
async function loadBoth(scope, loader) {
    if (scope.kind === 'files') {
        try {
            return await loadFiles(scope, loader);
        }
        catch (error) {
            // An older SQLMesh refuses to load some files only. Of other errors a whole load says in
            // SQLMesh's own words what is wrong, and whether anything is.
            if (!isLoadFailure(error))
                throw error;
            await loader.complete();
        }
    }
    return await loadWhole({ changed: scope.changed, scope: null }, loader);
}
/**
 * Head is tried although base does not load: whether this pull request is the one that mends it, or has
 * the same error, is what its author wants to know.
 */
async function loadWhole(extent, { load, onBaseFailedToo }) {
    let base;
    try {
        base = await load('base', extent);
    }
    catch (failed) {
        if (!isLoadFailure(failed))
            throw failed;
        try {
            await load('head', extent);
        }
        catch (alsoFailed) {
            onBaseFailedToo(failed);
            throw alsoFailed;
        }
        throw failed;
    }
    const head = await load('head', extent);
    return { base, head, extents: { base: extent, head: extent } };
}
function isLoadFailure(error) {
    return error instanceof src_failure/* Failure */.H && error.code === 'load-failed';
}
/** Head's load has to know what base's gave, to find what follows from the difference. */
async function loadFiles({ changed, seeds }, { load }) {
    const first = { changed, scope: { seeds, base: null } };
    const base = await load('base', first);
    const second = { changed, scope: { seeds, base: knownOf(base.manifest) } };
    const head = await load('head', second);
    const both = completeManifests(present(base.manifest), present(head.manifest), changed);
    return {
        base: { ...base, manifest: both.base },
        head: { ...head, manifest: both.head },
        extents: { base: first, head: second },
    };
}
function present(manifest) {
    if (manifest !== null)
        return manifest;
    throw new src_failure/* Failure */.H('load-failed', 'There is no project to load some files of.');
}
function knownOf(manifest) {
    return Object.fromEntries(present(manifest).models.map(({ fqn, ingredients, dependsOn }) => [
        fqn,
        [ingredients, dependsOn],
    ]));
}

;// CONCATENATED MODULE: ./src/python/waiting.ts

/**
 * Starts a script before it is known what to ask it: importing SQLMesh takes longer than most
 * questions, and need not wait for the commit's files. A script that is never asked is ended.
 *
 * @param start its `folder` has to be there already
 */
function startWaiting(start, schema) {
    let listener = null;
    let resolve = () => { };
    let reject = () => { };
    const request = new Promise((...settle) => {
        ;
        [resolve, reject] = settle;
    });
    const onProgress = (progress) => listener?.onProgress?.(progress);
    const onPrinted = (printed) => listener?.onPrinted(printed);
    const answer = askPython({ ...start, request, onProgress }, schema, onPrinted);
    // Whoever asks hears of a failure; if nobody does, nothing has failed.
    answer.catch(() => { });
    return {
        async ask(question, told) {
            listener = told;
            resolve(question);
            return await answer;
        },
        async [Symbol.asyncDispose]() {
            reject(new Error('nobody asked'));
            await answer.catch(() => { });
        },
    };
}

;// CONCATENATED MODULE: ./src/sqlmesh/manifest.ts


/** Which ingredient of a model's `data_hash` a part is (cause kinds of the JSON report). */
const PART_KINDS = [
    'query',
    'columns',
    'kind',
    'partitioning',
    'interval-unit',
    'statements',
    'macro',
    'jinja',
    'python',
    'seed',
    'properties',
    'variables',
];
const part = schemas/* strictObject */.rej({
    kind: schemas/* enum */.k5n(PART_KINDS),
    /** What it is called, e.g. `query`, `pre-statement 1`, `@to_usd`, `partitioned_by`. Unique with `kind`. */
    name: schemas/* string */.YjP(),
    /** Where it is written, relative to the repository root with forward slashes. */
    file: repositoryPath.nullable(),
    /** Digest of exactly what enters the `data_hash`. */
    digest: schemas/* string */.YjP(),
    /** Digest that formatting, comments and file moves leave alone; null where there is no such form. */
    canonical: schemas/* string */.YjP().nullable(),
    /** Printable form of a short setting (at most 200 characters); null for code and text. */
    value: schemas/* string */.YjP().nullable(),
    /** Of a query: digest of each clause of the outer SELECT by its name (`WHERE`, `JOIN`, `CTE orders`). */
    clauses: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()).nullable(),
    /** Of a query: names of the outer projections, in order; null when they cannot be told. */
    projections: schemas/* array */.YOg(schemas/* string */.YjP()).nullable(),
});
const model = schemas/* strictObject */.rej({
    /** SQLMesh's fully qualified name, quoted: `"catalog"."schema"."view"`. */
    fqn: schemas/* string */.YjP(),
    /** The name as the project writes it. */
    name: schemas/* string */.YjP(),
    /** Parts of the fqn, unquoted; `catalog` is "" where the engine has none. */
    catalog: schemas/* string */.YjP(),
    schema: schemas/* string */.YjP(),
    view: schemas/* string */.YjP(),
    /** SQLMesh's `data_hash`; null when the installed SQLMesh gives none. */
    dataHash: schemas/* string */.YjP().nullable(),
    /**
     * Digest of all that the `data_hash` is a CRC32 of, so that two texts with one hash are told apart;
     * null before SQLMesh 0.213.
     */
    ingredients: schemas/* string */.YjP().nullable(),
    /** SQLMesh kind name, e.g. `INCREMENTAL_BY_TIME_RANGE`. */
    kind: schemas/* string */.YjP(),
    external: schemas/* boolean */.zMY(),
    incremental: schemas/* boolean */.zMY(),
    /** File that defines it, relative to the repository root; null when SQLMesh knows none. */
    path: repositoryPath.nullable(),
    /** fqns of `depends_on`, sorted; may name tables that are no models. */
    dependsOn: schemas/* array */.YOg(schemas/* string */.YjP()),
    dialect: schemas/* string */.YjP(),
    cron: schemas/* string */.YjP(),
    intervalUnit: schemas/* string */.YjP(),
    owner: schemas/* string */.YjP().nullable(),
    tags: schemas/* array */.YOg(schemas/* string */.YjP()),
    /** Why a change keeps the `snapshot.version` (facts: SQLMesh `Snapshot.categorize_as`); null = it does not. */
    reusesVersion: schemas/* enum */.k5n(['forward-only', 'pinned', 'no-virtual-environment']).nullable(),
    /**
     * Constants whose text differs elsewhere: a set has no fixed order, a path has the folder in it. The
     * loads of both commits see the same, other processes do not.
     */
    restless: schemas/* array */.YOg(schemas/* strictObject */.rej({ name: schemas/* string */.YjP(), why: schemas/* enum */.k5n(['order', 'path']) })),
    parts: schemas/* array */.YOg(part),
});
const notice = schemas/* strictObject */.rej({ code: schemas/* string */.YjP(), message: schemas/* string */.YjP() });
const manifest = schemas/* strictObject */.rej({
    versions: schemas/* strictObject */.rej({
        python: schemas/* string */.YjP(),
        sqlmesh: schemas/* string */.YjP(),
        sqlglot: schemas/* string */.YjP(),
        dagster: schemas/* string */.YjP().nullable(),
        dgSqlmesh: schemas/* string */.YjP().nullable(),
        dagsterSqlmesh: schemas/* string */.YjP().nullable(),
    }),
    /** The gateway that was selected. */
    gateway: schemas/* string */.YjP(),
    defaultCatalog: schemas/* string */.YjP().nullable(),
    /** `fast`: the loaders alone (SQLMesh 0.213 and newer). `full`: SQLMesh's own load. */
    loader: schemas/* enum */.k5n(['fast', 'full']),
    /** False if only the files were loaded that differ between the commits, and what reads them. */
    complete: schemas/* boolean */.zMY(),
    /** How many models there are besides; null = not counted. */
    others: schemas/* int */.Whr().nonnegative().nullable(),
    /** Sorted by fqn. */
    models: schemas/* array */.YOg(model),
    notices: schemas/* array */.YOg(notice),
});
/** The one JSON document that probe.py writes. */
const probeAnswer = answerOf({ manifest });

;// CONCATENATED MODULE: ./src/sqlmesh/probe.ts
var __addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});





const EVERYTHING = { changed: null, scope: null };
/** Lies beside this file, and beside the bundle. */
const PROBE = external_node_path_default().join(import.meta.dirname, 'probe.py');
/**
 * Loads one commit's SQLMesh project in its own process.
 *
 * @param onPrinted gets the tail of what the load printed, if it fails
 * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
 */
async function loadManifest(load, onPrinted, extent = EVERYTHING) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const probe = __addDisposableResource(env_1, startProbe({ ...load, folder: load.tree }), true);
        return await probe.load(load, extent, { onPrinted });
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
function startProbe({ side, python, environment, timeoutSeconds, folder }) {
    const start = { side, python, environment, timeoutSeconds, folder };
    const what = `Loading ${side}`;
    const waiting = startWaiting({ ...start, what, script: PROBE }, probeAnswer);
    return {
        async load(load, extent, listener) {
            await (0,promises_namespaceObject.mkdir)(environment['SQLMESH_HOME'], { recursive: true });
            return (await waiting.ask({ ...requestOf(load), ...extent }, listener)).manifest;
        },
        [Symbol.asyncDispose]: waiting[Symbol.asyncDispose],
    };
}
/** What every script that opens a project is told of it. */
function requestOf({ tree, projects, workspace, gateway, given }) {
    const folders = projects.map((project) => external_node_path_default().join(tree, project));
    return { tree, projects: folders, workspace, gateway, env: given };
}
/**
 * Starts both commits' processes before it is known what to load, so that they import SQLMesh at the
 * same time and while git still writes files. That a guess was wrong costs nothing but that.
 *
 * @param guess how both will probably be loaded; null = start none
 */
function startProbes(guess) {
    const waiting = new Map();
    for (const side of guess === null ? [] : ['base', 'head']) {
        const start = { ...guess, side };
        waiting.set(side, { start, probe: startProbe(start) });
    }
    return {
        take(start) {
            const ready = waiting.get(start.side);
            if (ready === undefined || !isSame(ready.start, start))
                return startProbe(start);
            waiting.delete(start.side);
            return ready.probe;
        },
        async [Symbol.asyncDispose]() {
            await Promise.all([...waiting.values()].map(({ probe }) => probe[Symbol.asyncDispose]()));
        },
    };
}
function isSame(one, other) {
    const how = (start) => [start.python, start.environment, start.timeoutSeconds];
    return (0,external_node_util_.isDeepStrictEqual)(how(one), how(other));
}

;// CONCATENATED MODULE: ./src/sqlmesh/project.ts


/** File names that make a folder a SQLMesh project (`sqlmesh.core.config.loader.load_configs`). */
const CONFIGURATIONS = [
    'config.yaml',
    'config.yml',
    'config.py',
    'sqlmesh.yaml',
    'sqlmesh.yml',
    'dbt_project.yml',
];
/** True for a path relative to a folder, if that file makes the folder a SQLMesh project. */
function isConfiguration(path) {
    return CONFIGURATIONS.includes(path);
}
/** Those of `projects` that exist in `tree`. A project may be added or removed by the change itself. */
function projectsIn(tree, projects) {
    return projects.filter((project) => CONFIGURATIONS.some((file) => (0,external_node_fs_.existsSync)(external_node_path_default().join(tree, project, file))));
}

;// CONCATENATED MODULE: ./src/sqlmesh/scope.ts

/** Git's mode of a file that is not there. */
const ABSENT = '000000';
/** Folders of a project whose Python SQLMesh imports (`SqlMeshLoader`). */
const IMPORTED = ['macros', 'models', 'signals', 'materializations'];
/** Folders of a project whose SQL is not a model but may matter to models. */
const OTHER_SQL = ['macros', 'audits', 'metrics'];
const PROSE = /(\.(md|mdx|markdown|rst|adoc|png|jpe?g|gif|svg|webp|ico|pdf|drawio)|(^|\/)(LICENSE|NOTICE|CODEOWNERS|\.gitignore|\.editorconfig))$/i;
const WORKFLOW = /^\.github\/.*\.ya?ml$/;
/** Sources of programs that neither SQLMesh nor Python runs. */
const OTHER_LANGUAGE = /\.(sql|[cm]?[jt]sx?|css|scss|less|html?|vue|go|rs|java|kt|scala|rb|php|cs|swift|sh|ps1|tf|ipynb)$/i;
/** What decides which packages are installed, or may be named by what does; and how git writes files. */
const ENVIRONMENT = /(^|\/)(setup\.py|[^/]*\.(txt|in|toml|cfg|ini|lock)|[^/]*[.-]lock\.[^/]+|Pipfile|(conda|environment)[^/]*\.ya?ml|\.python-versions?|\.tool-versions|\.env[^/]*|\.git(attributes|modules)|\.lfsconfig)$/i;
/** Locks of other languages' packages. */
const OTHER_LOCK = /(^|\/)(package-lock\.json|pnpm-lock\.yaml|(yarn|Cargo|Gemfile|composer|flake)\.lock)$/;
/** Unit tests of models, which say nothing about the models. */
const UNIT_TEST = /^tests\/.*\.ya?ml$/;
const PYTHON = /\.(py|pyw)$/;
const PYTHON_BINARY = /\.(pyc|pyd|pyi|pyx|pxd|so|dylib|dll|pth|egg-link)$/i;
/**
 * What a load of a project does with the file at `path`.
 *
 * @param project its folder, `.` for the root
 * @param dbt whether it is a dbt project, in which dbt itself decides what is read
 */
function roleOf(path, project, dbt) {
    const inside = project === '.' ? path : after(path, `${project}/`);
    // A path that is not UTF-8 cannot be told from others.
    const understood = !path.includes('\ufffd');
    if (!understood || isEnvironment(path) || PYTHON_BINARY.test(path))
        return 'anything';
    if (dbt)
        return inside === null && isProse(path) ? 'unread' : 'anything';
    return inside === null ? roleOutside(path) : roleInside(inside);
}
function roleOutside(path) {
    if (PYTHON.test(path))
        return 'python';
    const other = isProse(path) || OTHER_LANGUAGE.test(path) || OTHER_LOCK.test(path);
    return other ? 'unread' : 'seed';
}
function roleInside(path) {
    const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
    if (PYTHON.test(path))
        return isImported(path) ? 'anything' : 'python';
    if (path.endsWith('.sql') && folder === 'models')
        return 'model';
    if (path.endsWith('.csv'))
        return 'seed';
    if (UNIT_TEST.test(path) || isProse(path))
        return 'unread';
    return OTHER_LANGUAGE.test(path) && !OTHER_SQL.includes(folder) ? 'unread' : 'anything';
}
/** Whether SQLMesh itself imports the file, given relative to its project. */
function isImported(path) {
    return isConfiguration(path) || IMPORTED.some((folder) => path.startsWith(`${folder}/`));
}
function isEnvironment(path) {
    return ENVIRONMENT.test(path) && !OTHER_LOCK.test(path);
}
function isProse(path) {
    return PROSE.test(path) || WORKFLOW.test(path);
}
function after(path, start) {
    return path.startsWith(start) ? path.slice(start.length) : null;
}
/** Git pathspecs of the Python that SQLMesh itself imports from these projects. */
function importedPython(projects) {
    return projects.flatMap((project) => {
        const start = project === '.' ? '' : `${project}/`;
        return [
            `:(literal)${start}config.py`,
            ...IMPORTED.map((folder) => `:(glob)${globbed(start)}${folder}/**/*.py`),
        ];
    });
}
/** Whether SQLMesh itself imports the file, for one of the projects. */
function isImportedPython(path, projects) {
    return projects.some((project) => {
        const inside = project === '.' ? path : after(path, `${project}/`);
        return inside !== null && isImported(inside);
    });
}
function globbed(path) {
    return path.replaceAll(/[\\*?[\]]/g, '\\$&');
}
/** Git pathspecs of the SQL models of these projects. */
function sqlModels(projects) {
    return projects.map((project) => {
        const start = project === '.' ? '' : `${project}/`;
        return `:(glob)${globbed(start)}models/**/*.sql`;
    });
}
/** A MODEL block whose seed may have data of any name (POSIX, one line at a time). */
const SEED_BY_MACRO = [
    `path[[:space:]]*['"][^'"]*[@{]`,
    '(path|kind)[[:space:]]+@',
    '(^|MODEL[[:space:]]*\\(.*)[[:space:]]*@[a-z_0-9]+[[:space:]]*\\(',
];
/** Changed paths that are the data of a seed, if a SQL model has their name in its text. */
function seedCandidates({ changes, files, projects }) {
    const paths = new Set(files.map((file) => file.path));
    return changes
        .map((change) => change.path)
        .filter((path) => rolesOf(path, projects, paths).includes('seed'));
}
/** The first reason to load everything that paths alone give; null if there is none. */
function reasonToLoadAll(question) {
    const { changes, files, projects, install } = question;
    const paths = new Set(files.map((file) => file.path));
    for (const project of projects) {
        const start = project === '.' ? '' : `${project}/`;
        const present = [...paths].some((path) => path.startsWith(start) && isConfiguration(path.slice(start.length)));
        if (!present)
            return `there is no project in ${project}`;
    }
    if (changes.length === 0)
        return null;
    const link = files.find((file) => file.mode === '120000' && mayLead(file.path, projects));
    if (link !== undefined)
        return `${link.path} is a symbolic link`;
    for (const change of changes) {
        if (!isRegular(change))
            return `${change.path} is no regular file`;
        const roles = rolesOf(change.path, projects, paths);
        if (roles.includes('anything'))
            return `${change.path} changed`;
        const name = change.path.slice(change.path.lastIndexOf('/') + 1);
        if (install?.includes(name))
            return `${change.path} is named by the input install`;
    }
    return null;
}
/** Neither a symbolic link nor a submodule, on the sides that have it. */
function isRegular({ mode }) {
    return [mode.base, mode.head].every((one) => one === ABSENT || one.startsWith('100'));
}
/** A link may show a project files of another folder, or be the way to the project. */
function mayLead(path, projects) {
    return projects.some((project) => ((project === '.' || path.startsWith(`${project}/`)) && !isProse(path)) ||
        project === path ||
        project.startsWith(`${path}/`));
}
function rolesOf(path, projects, paths) {
    return projects.map((project) => roleOf(path, project, isDbt(project, paths)));
}
function isDbt(project, paths) {
    return paths.has(project === '.' ? 'dbt_project.yml' : `${project}/dbt_project.yml`);
}
/**
 * The scope of a change for which paths give no reason to load everything.
 *
 * @param reach what the Python of the projects imports and names
 * @param seeds whether what may be the data of a seed is
 */
function decideScope(question, reach, seeds) {
    const { changes, files, projects } = question;
    const paths = new Set(files.map((file) => file.path));
    const changed = changes.map((change) => change.path);
    let models = false;
    for (const { path } of changes) {
        const roles = rolesOf(path, projects, paths);
        if (roles.includes('python') && reach.mayImport(path)) {
            return { kind: 'everything', because: `${path} may be imported`, changed };
        }
        if (!roles.includes('python') && projects.some((project) => reach.mayRead(path, project))) {
            const because = `${path} changed, and Python of the project may read it`;
            return { kind: 'everything', because, changed };
        }
        models ||= roles.includes('model');
    }
    if (!models && !seeds)
        return { kind: 'nothing', why: whyNothing(changed) };
    const read = {
        base: filesToRead(question, 'base', seeds),
        head: filesToRead(question, 'head', true),
    };
    return { kind: 'files', changed, seeds, files: read };
}
/** @param search whether models are searched for, for which the text of each is read */
function filesToRead({ changes, files, projects }, side, search) {
    const changed = new Map(changes.map((change) => [change.path, change]));
    const paths = new Set(files.map((file) => file.path));
    const both = [...paths].filter((path) => !changed.has(path));
    const own = changes.filter((change) => change.mode[side] !== ABSENT).map((change) => change.path);
    const isRead = (path) => {
        const roles = rolesOf(path, projects, paths);
        if (roles.includes('model'))
            return search || changed.has(path);
        return roles.some((role) => role !== 'unread');
    };
    return [...both, ...own].filter(isRead);
}
function whyNothing(changed) {
    const [first, ...rest] = changed;
    if (first === undefined)
        return 'Both commits have the same files.';
    const others = rest.length === 0 ? '' : rest.length === 1 ? ' and one more' : ` and ${rest.length} more`;
    return `Only files differ that loading the project does not read: \`${first}\`${others}.`;
}
/** What is about to be loaded and why, for the log; `narrow` if it is no more than the scope asks for. */
function scopeText(scope, narrow) {
    if (scope.kind === 'everything')
        return `everything: ${scope.because}`;
    if (!narrow)
        return 'everything: the changed files alone did not load';
    const count = scope.changed.filter((path) => path.endsWith('.sql')).length;
    const files = count === 1 ? '1 SQL file' : `${count} SQL files`;
    return scope.seeds ? `${files}, the seeds and what follows` : `${files} and what follows`;
}
/** True where the Python environment itself may differ between the commits. */
function touchesEnvironment(changes) {
    return changes.some((change) => isEnvironment(change.path));
}

;// CONCATENATED MODULE: ./src/loads.ts
var loads_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var loads_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
















/**
 * Starts what will load both commits, where it is clear which Python that will be. It imports SQLMesh
 * while git writes files; the project's code runs only after that.
 */
async function startProbesEarly(request, ports, trees, workspace) {
    const python = await guessPython(request, { ...ports, workspace });
    if (python === null)
        return startProbes(null);
    const environment = loadEnvironment(ports.environment, request.env, trees.scratch);
    const { timeoutSeconds } = request;
    return startProbes({ python, environment, timeoutSeconds, folder: trees.home });
}
/**
 * Both commits' projects, and their Dagster definitions if they are asked for.
 *
 * @param known gets what the loads add to it; if neither loads, a notice says what base's failure was
 * @throws Failure that names the side
 */
async function loadSides(loading, known) {
    const before = [...known.notices];
    return await loadBoth(loading.scope, {
        load: (side, extent) => loadSide(side, extent, loading, known),
        complete: async () => {
            known.notices = before;
            await loading.trees.complete();
        },
        onBaseFailedToo: (failure) => known.notices.push(failedToo('base', failure)),
    });
}
async function loadSide(side, extent, loading, known) {
    return await loading.trees.visit(side, async (tree, scratch) => ({
        manifest: await manifestOf(side, extent, loading, known, { tree, scratch }),
        definitions: await definitionsOf(side, loading, known, { tree, scratch }),
    }));
}
/** @param by the side whose Python loads it */
async function manifestOf(side, extent, loading, known, { tree, scratch }, by = side) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { request, ports, probes, scope } = loading;
        const projects = projectsIn(tree, request.projects);
        if (projects.length < request.projects.length) {
            known.notices.push(projectAbsent(side, request.projects, projects));
        }
        if (projects.length === 0)
            return null;
        const load = await loadIn({ tree, scratch }, projects, side, by, loading);
        const what = by === side ? side : `${side} with the Python of ${by}`;
        // It names a file, and a file's name can hold whatever a terminal obeys.
        const name = (0,markdown/* visible */.RK)(`Loading ${what} (${scopeText(scope, extent.scope !== null)})`);
        const probe = loads_addDisposableResource(env_1, probes.take({ ...load, folder: tree }), true);
        const manifest = await ports.stage(side, name, (say) => probe.load(load, extent, {
            onPrinted: (printed) => ports.onPrinted(`loading ${what}`, printed),
            onProgress: ({ done, total }) => say(`${done} of ${total} SQL files`),
        }));
        known.subject = withVersion(known.subject, side, manifest.versions.sqlmesh);
        known.notices.push(...fromLoad(side, manifest));
        return manifest;
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = loads_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
async function definitionsOf(side, loading, known, { tree, scratch: parent }) {
    const { request, ports, workspace } = loading;
    const { definitions: target, timeoutSeconds } = request;
    if (target === null)
        return null;
    const scratch = external_node_path_default().join(parent, 'definitions');
    const { python, environment } = await interpreterOf(side, loading, { tree, scratch });
    const load = { side, python, tree, workspace, scratch, target, timeoutSeconds, environment };
    const definitions = await ports.stage(side, `Loading the definitions of ${side}`, () => loadDefinitions(load, (printed) => ports.onPrinted(`loading the definitions of ${side}`, printed)));
    known.notices.push(...fromLoad(side, definitions));
    return definitions;
}
async function loadIn({ tree, scratch }, projects, side, by, loading) {
    const { request, workspace } = loading;
    const { python, environment } = await interpreterOf(by, loading, { tree, scratch });
    const { gateway, timeoutSeconds, env: given } = request;
    const place = { python, tree, projects, workspace };
    return { side, ...place, gateway, timeoutSeconds, environment, given };
}
/** The Python of one side, installed when it is first needed, and the variables of a load in it. */
async function interpreterOf(side, { request, ports, environments }, { tree, scratch }) {
    const find = () => environments.of(side, tree);
    const missing = environments.isMissing(side);
    const found = missing ? await ports.stage('Python', `Installing for ${side}`, find) : await find();
    const inherited = { ...ports.environment, ...found.variables };
    return {
        python: found.python,
        environment: loadEnvironment(inherited, request.env, scratch),
    };
}
/**
 * Loads a commit once more, for comparison only: what it says besides is known already.
 *
 * @param by the side whose Python loads it
 * @param extent as it was loaded before
 */
async function loadAgain(side, by, extent, loading, known) {
    const silent = { subject: known.subject, notices: [] };
    return await loading.trees.visit(side, (tree, scratch) => manifestOf(side, extent, loading, silent, { tree, scratch }, by));
}
/** Loads head once more where no changed file explains a change, to tell whose it is. */
async function lookAgain({ base, head, extents }, changed, loading, known) {
    if (base.manifest === null || head.manifest === null)
        return [];
    const both = [base.manifest, head.manifest];
    const paths = new Set(changed.map(({ path }) => path));
    if (!needsSecondLook(compareManifests(...both), ...both, paths))
        return [];
    const again = await loadAgain('head', 'head', extents.head, loading, known);
    return again === null ? [] : findUnstable(head.manifest, again);
}
/**
 * SQLMesh's own word on which snapshot versions the change makes new. Nothing depends on it but how
 * sure the rows are that follow, so that a failure is a notice.
 *
 * @param models fqns whose versions are in question; none = nothing to ask
 */
async function askSnapshotVersions(models, loading, known) {
    const env_2 = { stack: [], error: void 0, hasError: false };
    try {
        const { ports, trees } = loading;
        if (models.length === 0)
            return new Map();
        const folder = loads_addDisposableResource(env_2, await privateFolder(ports.temporary, 'unsynced-versions-'), true);
        const exchange = external_node_path_default().join(folder.path, 'base');
        await trees.complete();
        const ask = (side) => trees.visit(side, async (tree, scratch) => {
            const projects = projectsIn(tree, loading.request.projects);
            const load = await loadIn({ tree, scratch }, projects, side, side, loading);
            return await ports.stage(side, `Categorising ${side}`, () => loadSnapshotVersions(load, models, exchange, () => { }));
        });
        try {
            await ask('base');
            return await ask('head');
        }
        catch (error) {
            if (!(error instanceof src_failure/* Failure */.H))
                throw error;
            known.notices.push(versionsUnknown(error.message));
            return new Map();
        }
    }
    catch (e_2) {
        env_2.error = e_2;
        env_2.hasError = true;
    }
    finally {
        const result_2 = loads_disposeResources(env_2);
        if (result_2)
            await result_2;
    }
}

// EXTERNAL MODULE: ./src/report/presentation.ts
var presentation = __nccwpck_require__(379);
;// CONCATENATED MODULE: ./src/git/files.ts
/** Every file of a commit, without reading any. */
async function listFiles(git, commit) {
    // Each is `MODE TYPE SHA TAB PATH NUL`.
    const listed = await git(['ls-tree', '-r', '-z', commit]);
    return listed
        .split('\0')
        .filter((entry) => entry !== '')
        .map((entry) => ({ mode: entry.slice(0, 6), path: entry.slice(entry.indexOf('\t') + 1) }));
}
/** The text of a commit's files that match git pathspecs, one after the other; '' if none does. */
async function readText(git, commit, pathspecs) {
    // `grep` for the empty pattern prints every line, of all files in one process.
    return await git(['grep', '-h', '-a', '--no-color', '-e', '', commit, '--', ...pathspecs]);
}
/** Whether a line of the commit's files that match git pathspecs has one of the texts in it. */
async function anyFileHas(git, commit, { fixed, patterns }, pathspecs) {
    const search = async (option, texts) => {
        if (texts.length === 0)
            return false;
        const wanted = texts.flatMap((text) => ['-e', text]);
        const options = ['grep', '-l', '-a', '-i', '--no-color', option, ...wanted];
        return (await git([...options, commit, '--', ...pathspecs])) !== '';
    };
    const found = await Promise.all([
        search('--fixed-strings', fixed),
        search('--extended-regexp', patterns),
    ]);
    return found.includes(true);
}

;// CONCATENATED MODULE: ./src/sqlmesh/pythonReach.ts
const DYNAMIC_IMPORT = /\b(importlib|__import__|runpy|pkgutil|imp|exec|eval|entry_points)\b|\bsys\.(path|modules|meta_path)\b/;
const LISTS_FOLDERS = /\b(iterdir|listdir|scandir|fwalk)\b|\bos\.walk\b|glob\(\s*[rRbBfF]*['"](\*\*\/)?\*['"]|\bwalk\(\s*top/;
/** Imported before any code of the project runs, so that no file of the repository can be meant. */
const LOADED_BEFORE = new Set(['sqlmesh', 'sqlglot', 'pandas', 'numpy']);
/** Top-level names of what a Python text imports, wherever in it; relative imports stay inside. */
function importsOf(text) {
    const names = new Set();
    for (const match of text.matchAll(/\bfrom[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b/g)) {
        names.add(match[1]);
    }
    for (const match of text.matchAll(/(?<!\bfrom[ \t][^\n]*)\bimport[ \t]+([A-Za-z_][^\n;#]*)/g)) {
        for (const module of match[1].split(',')) {
            const name = /^\s*([A-Za-z_]\w*)/.exec(module)?.[1];
            if (name !== undefined)
                names.add(name);
        }
    }
    for (const name of LOADED_BEFORE)
        names.delete(name);
    return { names, dynamic: DYNAMIC_IMPORT.test(text) };
}
/**
 * Whether the Python that SQLMesh imports may itself import a file of the repository that is not
 * among it: then that file's own imports and files count as well.
 *
 * @param text of the Python that SQLMesh imports
 * @param others paths of the other Python of the repository, at either commit
 */
function importsOthers(text, others) {
    const { names, dynamic } = importsOf(text);
    if (others.length === 0)
        return false;
    return dynamic || others.some((path) => moduleNames(path).some((name) => names.has(name)));
}
/** What the first name in an import of this file can be, whatever folder is on Python's path. */
function moduleNames(path) {
    return path.replace(/\.pyw?$/, '').split('/');
}
/**
 * @param text of all Python that may run
 * @param everything whether any Python file may be imported
 */
function pythonReach(text, everything) {
    const { names } = importsOf(text);
    const lists = LISTS_FOLDERS.test(text);
    const segments = new Set();
    // Overlapping, since one delimiter ends a segment and begins the next.
    for (const match of text.matchAll(/(?<=['"/\\}])[^'"/\\{}\n]+(?=['"/\\{])/g))
        segments.add(match[0]);
    const types = new Set();
    let anyType = false;
    for (const match of text.matchAll(/\.([\w*?[\]]+)['"]/g)) {
        const type = match[1].toLowerCase();
        types.add(type);
        anyType ||= /[*?[\]]/.test(type);
    }
    return {
        mayImport: (path) => everything || moduleNames(path).some((name) => names.has(name)),
        mayRead: (path, project) => {
            if (lists || anyType)
                return true;
            const type = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
            if (type !== undefined && types.has(type))
                return true;
            const inside = path.startsWith(`${project}/`) ? path.slice(project.length + 1) : path;
            return inside.split('/').some((part) => segments.has(part));
        },
    };
}

;// CONCATENATED MODULE: ./src/scope.ts



const ALL_PYTHON = ['*.py', '*.pyw'];
/** More names than this are not searched for. */
const MANY = 200;
/**
 * How much has to be loaded to compare two commits, from what git knows of their files: no Python is
 * started and nothing is checked out. The rule is in docs/what-is-loaded.md.
 */
async function readScope(git, { head }, changes, { projects, install, definitions, assetKey }) {
    const files = await listFiles(git, head);
    const question = { changes, files, projects, install };
    const because = reasonToLoadAll(question);
    const changed = touchesEnvironment(changes) ? null : changes.map((change) => change.path);
    if (because !== null)
        return { kind: 'everything', because, changed };
    if (changes.length > 0 && definitions !== null) {
        return { kind: 'everything', because: 'definitions may read any file', changed };
    }
    const own = await readText(git, head, importedPython(projects));
    const python = [...files, ...changes]
        .map(({ path }) => path)
        .filter((path) => /\.pyw?$/.test(path));
    const others = importsOthers(own, python.filter((path) => !isImportedPython(path, projects)));
    const text = others ? await readText(git, head, ALL_PYTHON) : own;
    const candidates = seedCandidates(question);
    const seeds = candidates.length > 0 && (await anySeedIs(candidates, git, head, projects));
    const scope = decideScope(question, pythonReach(text, others), seeds);
    if (scope.kind !== 'files' || assetKey === null || isTelling(assetKey))
        return scope;
    const why = 'models of several schemas can share an asset key';
    return { kind: 'everything', because: why, changed };
}
/** Whether models that share a key have the same own name in the same schema. */
function isTelling(assetKey) {
    return assetKey.includes('{schema}') && assetKey.includes('{name}');
}
/** A seed says where its data is: by the file's name, or by a macro that makes up the name. */
async function anySeedIs(paths, git, commit, projects) {
    if (paths.length > MANY)
        return true;
    const fixed = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
    const wanted = { fixed, patterns: SEED_BY_MACRO };
    return await anyFileHas(git, commit, wanted, sqlModels(projects));
}

;// CONCATENATED MODULE: ./src/check.ts
var check_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var check_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});















/** The story of one pull request: from two commits to what they do to Dagster's assets. */
async function check(request, ports) {
    const known = { subject: unknownSubject(request.projects.join(', ')), notices: [] };
    let comparison = null;
    try {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const { root, git } = await openRepository(ports.folder);
            comparison = ports.choose(await checkedOutCommit(git));
            const wanted = comparison;
            const commits = await ports.stage('git', 'Finding the commits', () => resolveCommits(git, wanted));
            known.subject = withCommits(known.subject, commits, comparison);
            const [changed, scope] = await ports.stage('git', 'Comparing their files', async () => {
                const files = await changedFiles(git, commits);
                return [files, await readScope(git, commits, files, request)];
            });
            if (scope.kind === 'nothing') {
                const concluded = concludeUnloaded(scope.why, request, known);
                return { ...concluded, comparison, failure: null, sources: presentation/* NO_SOURCES */.Dw };
            }
            const trees = check_addDisposableResource(env_1, await openTrees(ports.temporary), true);
            const probes = check_addDisposableResource(env_1, await startProbesEarly(request, ports, trees, root), true);
            const only = scope.kind === 'files' && request.install === null ? scope.files : null;
            await ports.stage('git', 'Reading their files', () => trees.checkout(git, commits, only));
            const texts = await ports.stage('git', 'Reading what changed', () => readTexts(git, commits, changed));
            const environments = check_addDisposableResource(env_1, await ports.stage('Python', 'Finding Python', () => openEnvironments(request, { ...ports, workspace: root, visit: trees.visit })), true);
            const load = { request, ports, trees, environments, probes, workspace: root, scope };
            const both = await loadSides(load, known);
            const { base, head, extents } = both;
            const upgrade = await explainUpgrade({ base: base.manifest, head: head.manifest }, {
                changed: new Set(changed.map((file) => file.path)),
                installed: environments.dependencyFiles,
            }, () => loadAgain('base', 'head', extents.base, load, known));
            const unstable = upgrade === null ? await lookAgain(both, changed, load, known) : [];
            known.notices.push(...aboutPins(environments, base.manifest, head.manifest));
            const compared = sideBySide({ base, head, upgrade, unstable }, request);
            const inQuestion = versionsInQuestion(compared, request);
            const versions = await askSnapshotVersions(inQuestion, load, known);
            const concluded = conclude(compared, versions, request, known);
            const sources = sourcesOf(texts, head.manifest);
            return { ...concluded, comparison, failure: null, sources };
        }
        catch (e_1) {
            env_1.error = e_1;
            env_1.hasError = true;
        }
        finally {
            const result_1 = check_disposeResources(env_1);
            if (result_1)
                await result_1;
        }
    }
    catch (thrown) {
        const failure = (0,src_failure/* toFailure */.w)(thrown);
        const report = (0,report_report/* errorReport */.ZV)(known, failure);
        return { report, verdict: null, comparison, failure, sources: presentation/* NO_SOURCES */.Dw };
    }
}
/** The outcome of a run that failed before there was anything to check. */
function refuse(thrown) {
    const failure = (0,src_failure/* toFailure */.w)(thrown);
    const report = (0,report_report/* errorReport */.ZV)({ subject: unknownSubject(''), notices: [] }, failure);
    return { report, verdict: null, comparison: null, failure, sources: presentation/* NO_SOURCES */.Dw };
}
function sourcesOf(texts, head) {
    const forwardOnly = head?.models.filter((model) => model.reusesVersion === 'forward-only') ?? [];
    return { ...texts, forwardOnly: new Set(forwardOnly.map((model) => model.fqn)) };
}


/***/ }),

/***/ 581:
/***/ ((module, __unused_webpack___webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.a(module, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(24);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__nccwpck_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__nccwpck_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(975);
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__nccwpck_require__.n(node_util__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var _check_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(423);
/* harmony import */ var _event_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(807);
/* harmony import */ var _failure_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(633);
/* harmony import */ var _inputs_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(422);
/* harmony import */ var _progress_js__WEBPACK_IMPORTED_MODULE_10__ = __nccwpck_require__(660);
/* harmony import */ var _report_comment_js__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(291);
/* harmony import */ var _report_terminal_js__WEBPACK_IMPORTED_MODULE_9__ = __nccwpck_require__(727);











const FORMATS = ['text', 'markdown', 'json'];
const USAGE = `Usage: unsynced [options] [BASE [HEAD]]

Lists the Dagster assets that the SQLMesh changes between two commits will leave Unsynced.

  BASE               the commit to compare with (default: the merge-base with the default branch)
  HEAD               the commit to judge (default: the one that is checked out)

  --repo DIR         the repository (default: the current folder)
  --format FORMAT    ${FORMATS.join(', ')}, on standard output (default: text)
  --output FILE      also write the report there, as .txt, .md or .json; may be given several times
  --help

Every input of the action is an option too, among them:

  --project DIR      SQLMesh project folder relative to the repository (default: .)
  --gateway NAME     the gateway that the Dagster code location uses
  --python COMMAND   the interpreter in which the project loads
  --install COMMAND  what makes the environment of one commit, e.g. 'uv sync --frozen'
  --integration NAME auto, dg-sqlmesh, dagster-sqlmesh or custom
  --definitions PATH file or module of your Dagster definitions, to ask Dagster itself
  --fail-on RULES    unsynced, incremental, formatting, dependencies, removed

Exit status: 0 accepted, 1 the policy says no, 2 could not tell.
`;
/** Reads the command line. @throws Failure `config` that says what is wrong with it */
function readOptions(args) {
    const inputs = Object.fromEntries(Object.keys(_inputs_js__WEBPACK_IMPORTED_MODULE_7__/* .DEFAULTS */ .zY).map((name) => [name, { type: 'string', multiple: true }]));
    let parsed;
    try {
        parsed = (0,node_util__WEBPACK_IMPORTED_MODULE_3__.parseArgs)({
            args: [...args],
            allowPositionals: true,
            options: {
                ...inputs,
                repo: { type: 'string', default: '.' },
                format: { type: 'string', default: 'text' },
                output: { type: 'string', multiple: true },
                help: { type: 'boolean', short: 'h' },
            },
        });
    }
    catch (cause) {
        const message = cause.message;
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_6__/* .Failure */ .H('config', message, { hint: 'See --help for the options.', cause });
    }
    const { repo, format, output, help, ...given } = parsed.values;
    if (help === true)
        return 'help';
    const [base, head, ...rest] = parsed.positionals;
    if (rest.length > 0) {
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_6__/* .Failure */ .H('config', `There are ${parsed.positionals.length} commits, not two.`, {
            hint: 'Give BASE, or BASE and HEAD.',
        });
    }
    if (given['mode'] !== undefined || given['reports'] !== undefined) {
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_6__/* .Failure */ .H('config', 'There is nothing to post in a terminal.', {
            hint: 'Leave out --mode and --reports; --format json gives the report.',
        });
    }
    const raw = Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values.join('\n')]));
    return {
        request: (0,_inputs_js__WEBPACK_IMPORTED_MODULE_7__/* .parseInputs */ .TL)({ ...raw, ...(base && { base }), ...(head && { head }) }),
        folder: node_path__WEBPACK_IMPORTED_MODULE_2___default().resolve(String(repo)),
        format: formatNamed(String(format)),
        outputs: (output ?? []).map((file) => ({ file, format: formatOf(file) })),
    };
}
function formatNamed(name) {
    const format = FORMATS.find((known) => known === name);
    if (format !== undefined)
        return format;
    throw new _failure_js__WEBPACK_IMPORTED_MODULE_6__/* .Failure */ .H('config', `There is no format ${name}.`, {
        hint: `Give one of ${FORMATS.join(', ')}.`,
    });
}
function formatOf(file) {
    switch (node_path__WEBPACK_IMPORTED_MODULE_2___default().extname(file)) {
        case '.json':
            return 'json';
        case '.md':
            return 'markdown';
        case '.txt':
            return 'text';
        default:
            throw new _failure_js__WEBPACK_IMPORTED_MODULE_6__/* .Failure */ .H('config', `The ending of ${file} does not say what to write.`, {
                hint: 'Let --output end in .txt, .md or .json.',
            });
    }
}
function render(outcome, request, format, terminal) {
    const { report, verdict, sources } = outcome;
    const presentation = {
        report,
        verdict,
        failOn: request?.failOn ?? [],
        acceptLabel: request?.acceptLabel ?? '',
        acceptance: null,
        previous: null,
        sources,
        links: null,
    };
    switch (format) {
        case 'json':
            return `${JSON.stringify(report, null, 2)}\n`;
        case 'markdown':
            return `${(0,_report_comment_js__WEBPACK_IMPORTED_MODULE_8__/* .renderComment */ .w)(presentation).document}\n`;
        case 'text':
            return (0,_report_terminal_js__WEBPACK_IMPORTED_MODULE_9__/* .renderTerminal */ .b)(presentation, terminal);
    }
}
/** Columns where nothing says how many there are, as in a pipe. */
const COLUMNS = 80;
const PLAIN_TERMINAL = { colour: false, width: COLUMNS };
/** Colour only for people (no-color.org), unless `FORCE_COLOR` insists, as it does in CI logs. */
function terminalOf({ isTTY, columns }) {
    const { NO_COLOR: no, FORCE_COLOR: force } = process.env;
    const asked = force !== undefined && force !== '0' && force !== 'false';
    return {
        colour: asked || (isTTY === true && !no && force === undefined),
        width: columns || COLUMNS,
    };
}
/** Door 2: the terminal. */
async function main() {
    const { stdout, stderr } = process;
    const asksForJson = process.argv.join(' ').includes('--format json') || process.argv.includes('--format=json');
    let options;
    try {
        options = readOptions(process.argv.slice(2));
    }
    catch (thrown) {
        const outcome = (0,_check_js__WEBPACK_IMPORTED_MODULE_4__/* .refuse */ .T)(thrown);
        stderr.write(render(outcome, null, 'text', terminalOf(stderr)));
        if (asksForJson)
            stdout.write(render(outcome, null, 'json', PLAIN_TERMINAL));
        return 2;
    }
    if (options === 'help') {
        stdout.write(USAGE);
        return 0;
    }
    const { request, folder, format, outputs } = options;
    const progress = stderr.isTTY
        ? (0,_progress_js__WEBPACK_IMPORTED_MODULE_10__/* .liveProgress */ .YL)((text) => stderr.write(text))
        : (0,_progress_js__WEBPACK_IMPORTED_MODULE_10__/* .plainProgress */ .Eh)((line) => stderr.write(`${line}\n`));
    const { stage, summary } = (0,_progress_js__WEBPACK_IMPORTED_MODULE_10__/* .timed */ .ay)(progress);
    const outcome = await (0,_check_js__WEBPACK_IMPORTED_MODULE_4__/* .check */ .z)(request, {
        folder,
        temporary: (0,node_os__WEBPACK_IMPORTED_MODULE_1__.tmpdir)(),
        environment: process.env,
        choose: (checkedOut) => (0,_event_js__WEBPACK_IMPORTED_MODULE_5__/* .localComparison */ .v)(checkedOut, request),
        stage,
        onPrinted: (what, printed) => {
            stderr.write(`What ${what} printed:\n${printed.stdout}${printed.stderr}\n`);
        },
    });
    for (const output of outputs) {
        (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFileSync)(output.file, render(outcome, request, output.format, PLAIN_TERMINAL));
    }
    stderr.write(`${summary()}\n`);
    stdout.write(render(outcome, request, format, terminalOf(stdout)));
    if (outcome.report.error !== null)
        return 2;
    return outcome.report.conclusion === 'success' ? 0 : 1;
}
for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => process.exit(2));
}
try {
    process.exit(await main());
}
catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(2);
}

__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

/***/ }),

/***/ 540:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   En: () => (/* binding */ detectIntegration),
/* harmony export */   YD: () => (/* binding */ compareKeys),
/* harmony export */   jS: () => (/* binding */ keyScheme),
/* harmony export */   xs: () => (/* binding */ keyId)
/* harmony export */ });
/* unused harmony export splitFqn */
/** One string per key, for maps and comparison. */
function keyId(key) {
    return JSON.stringify(key);
}
/** Code-unit order of the segments, equal on every machine. */
function compareKeys(a, b) {
    for (const [index, segment] of a.entries()) {
        const other = b[index];
        if (other === undefined)
            return 1;
        if (segment !== other)
            return segment < other ? -1 : 1;
    }
    return a.length - b.length;
}
/**
 * The scheme for an integration's name as `detectIntegration` gives it.
 *
 * @param template for `custom`: `{catalog}/{schema}/{name}` and the like
 */
function keyScheme(name, template) {
    switch (name) {
        case 'dg-sqlmesh':
            return DG_SQLMESH;
        case 'dagster-sqlmesh':
            return DAGSTER_SQLMESH;
        case 'custom':
            return customScheme(template);
    }
}
/**
 * `auto` looks at what is installed beside SQLMesh; where nothing is, the integration that the
 * decision record (ADR-0007) belongs to is assumed, and the caller says so. Loaded definitions know
 * better: what they import makes the assets.
 *
 * @param imported modules of integrations that the definitions imported; null without definitions
 * @returns null when both integrations are installed, which only the user can decide
 */
function detectIntegration(integration, versions, imported = null) {
    const dg = versions.dgSqlmesh;
    const oso = versions.dagsterSqlmesh;
    switch (integration) {
        case 'custom':
            return { name: 'custom', version: null, assumed: false };
        case 'dg-sqlmesh':
            return { name: 'dg-sqlmesh', version: dg, assumed: false };
        case 'dagster-sqlmesh':
            return { name: 'dagster-sqlmesh', version: oso, assumed: false };
        case 'auto':
            if (imported !== null)
                return detectImported(imported, versions);
            if (dg !== null && oso !== null)
                return null;
            if (oso !== null)
                return { name: 'dagster-sqlmesh', version: oso, assumed: false };
            return { name: 'dg-sqlmesh', version: dg, assumed: dg === null };
    }
}
function detectImported(imported, { dgSqlmesh, dagsterSqlmesh }) {
    const [only, another] = imported;
    if (another === undefined && only === 'dg_sqlmesh') {
        return { name: 'dg-sqlmesh', version: dgSqlmesh, assumed: false };
    }
    if (another === undefined && only === 'dagster_sqlmesh') {
        return { name: 'dagster-sqlmesh', version: dagsterSqlmesh, assumed: false };
    }
    // Of the user's own making, or a mixture: their keys are linked to models one by one.
    return { name: 'custom', version: null, assumed: false };
}
/**
 * Parts of a quoted fqn, unquoted: `"a"."b ""c"""` → `a`, `b "c"`. SQLMesh writes fqns with
 * double quotes for every dialect (`sqlmesh.core.model.definition`, `exp.table_name(identify=True)`).
 */
function splitFqn(fqn) {
    const parts = fqn.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
    return parts.map((part) => part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part);
}
/** dg_sqlmesh/translator.py, `SQLMeshTranslator` (1.10.1; 0.1.1 the same). */
const DG_SQLMESH = {
    name: 'dg-sqlmesh',
    declaredExternalsAreAssets: false,
    modelKey: (model) => [model.catalog, model.schema, model.view].map(dgNormalise),
    dependencyKey: (fqn, model) => model !== null && !model.external ? dgModelDependency(fqn) : dgExternalDependency(fqn),
};
/** The package deletes quotes and replaces what is not ASCII, code point by code point. */
function dgNormalise(segment) {
    return segment.replace(/["']/g, '').replace(/[^A-Za-z0-9_]/gu, '_');
}
function quotedParts(fqn) {
    const parts = [...fqn.matchAll(/"([^"]*)"/g)].map((match) => match[1]);
    return parts.length === 3 ? parts : null;
}
function dgModelDependency(fqn) {
    return (quotedParts(fqn) ?? fqn.split('.')).map(dgNormalise);
}
function dgExternalDependency(fqn) {
    const parts = quotedParts(fqn);
    if (parts === null)
        return ['external', ...fqn.split('.').map(dgNormalise)];
    const [catalog, schema, table] = parts;
    // A leftover of the package's own example project, which all its users inherit.
    const isLeftover = (catalog === 'main' || catalog === 'jaffle_db') && schema === 'external';
    if (isLeftover)
        return ['sling', dgNormalise(table)];
    return ['external', ...parts.map(dgNormalise)];
}
/** dagster_sqlmesh/translator.py, `SQLMeshDagsterTranslator` (0.22.0): raw catalog, db, name. */
const DAGSTER_SQLMESH = {
    name: 'dagster-sqlmesh',
    declaredExternalsAreAssets: true,
    modelKey: (model) => rawKey(model.fqn),
    dependencyKey: (fqn) => rawKey(fqn),
};
function rawKey(fqn) {
    const parts = splitFqn(fqn);
    return [...Array(Math.max(0, 3 - parts.length)).fill(''), ...parts];
}
function customScheme(template) {
    const fill = (catalog, schema, name) => {
        const values = { catalog, schema, name };
        return template
            .split('/')
            .map((segment) => segment.replaceAll(/\{(catalog|schema|name)\}/g, (_, word) => values[word] ?? ''));
    };
    return {
        name: 'custom',
        declaredExternalsAreAssets: false,
        modelKey: (model) => fill(model.catalog, model.schema, model.view),
        dependencyKey: (fqn, model) => {
            if (model !== null)
                return fill(model.catalog, model.schema, model.view);
            const [name = '', schema = '', catalog = ''] = splitFqn(fqn).reverse();
            return fill(catalog, schema, name);
        },
    };
}


/***/ }),

/***/ 807:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   v: () => (/* binding */ localComparison)
/* harmony export */ });
/* unused harmony export readComparison */
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(586);
/* harmony import */ var _failure_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(633);


const sha = zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'is not a full commit SHA');
const pullRequestPayload = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    /** Only with the action `edited`, and only what was edited. */
    changes: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ base: zod__WEBPACK_IMPORTED_MODULE_1__/* .unknown */ .L5J().optional() }).optional(),
    pull_request: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
        number: zod__WEBPACK_IMPORTED_MODULE_1__/* .int */ .Whr().positive(),
        base: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ sha, ref: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP() }),
        head: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ sha, ref: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP() }),
    }),
});
const mergeGroupPayload = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    merge_group: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ head_sha: sha, base_sha: sha, base_ref: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().optional() }),
});
const pushPayload = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ before: sha, after: sha, ref: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP() });
const repositoryPayload = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    repository: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ default_branch: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().min(1) }).optional(),
});
const SUPPORTED = 'pull_request, merge_group, push, workflow_dispatch and schedule';
/**
 * Decides which commits an event is about (contract: what is compared). Every action of an event is
 * compared, also one that changes no file, such as another label: a check that did not look would
 * have to know that an earlier one did, and on what.
 *
 * @param checkedOut SHA of the commit that the workspace has checked out
 * @throws Failure `refused-event` for events that run with the base repository's rights,
 *   `config` for payloads and events that say too little
 */
function readComparison(event, checkedOut, request) {
    refusePrivileged(event.name);
    return overridden(request, checkedOut) ?? fromEvent(event, checkedOut, request);
}
/** The commits to compare in a terminal: BASE and HEAD, by default what the branch adds. */
function localComparison(checkedOut, request) {
    const given = overridden(request, checkedOut);
    if (given !== null)
        return given;
    return {
        head: request.head ?? checkedOut,
        base: { kind: 'default-branch', name: null },
        headRef: request.head,
        baseRef: null,
        headFetchRef: null,
        headFile: null,
    };
}
/** Loading a SQLMesh project runs its Python, so it must never happen with a privileged token. */
function refusePrivileged(name) {
    if (name !== 'pull_request_target' && name !== 'workflow_run')
        return;
    throw new Failure('refused-event', `The event ${name} runs with the base repository's token and secrets, and loading a SQLMesh project runs the pull request's own Python.`, { hint: 'Use the event pull_request instead. It needs no secrets here, also for forks.' });
}
function overridden(request, checkedOut) {
    if (request.base === null)
        return null;
    return {
        head: request.head ?? checkedOut,
        base: { kind: 'commit', revision: request.base },
        headRef: request.head,
        baseRef: request.base,
        headFetchRef: null,
        headFile: null,
    };
}
function fromEvent(event, checkedOut, request) {
    switch (event.name) {
        case 'pull_request':
            return fromPullRequest(event, checkedOut, request);
        case 'merge_group': {
            const group = parsePayload(mergeGroupPayload, event).merge_group;
            const baseRef = group.base_ref?.replace(/^refs\/heads\//, '') ?? null;
            return {
                head: request.head ?? group.head_sha,
                base: { kind: 'commit', revision: group.base_sha },
                headRef: event.ref,
                baseRef,
                headFetchRef: event.ref,
                headFile: null,
            };
        }
        case 'push': {
            const push = parsePayload(pushPayload, event);
            if (isZero(push.after)) {
                throw new Failure('config', 'This push deleted a branch, so there is nothing to compare.', {
                    hint: 'Run this action only on pushes of commits.',
                });
            }
            return {
                head: request.head ?? push.after,
                base: isZero(push.before)
                    ? { kind: 'first-parent' }
                    : { kind: 'commit', revision: push.before },
                headRef: push.ref,
                baseRef: null,
                headFetchRef: push.ref,
                headFile: null,
            };
        }
        case 'workflow_dispatch':
        case 'schedule': {
            const name = parsePayload(repositoryPayload, event).repository?.default_branch ?? null;
            return {
                head: request.head ?? checkedOut,
                base: { kind: 'default-branch', name },
                headRef: request.head ?? event.ref,
                baseRef: name,
                headFetchRef: null,
                headFile: null,
            };
        }
        default:
            throw new Failure('config', `The event ${event.name} does not say which commits to compare.`, {
                hint: `Use ${SUPPORTED}, or give the inputs \`base\` and \`head\`.`,
            });
    }
}
function fromPullRequest(event, checkedOut, request) {
    const { pull_request: pull, changes } = parsePayload(pullRequestPayload, event);
    const merged = `refs/pull/${pull.number}/merge`;
    // The merge commit's first parent is what the base branch is *now*; base.sha may be older.
    // Right after the pull request was pointed to another branch, that commit still merges into the old.
    const retargeted = changes?.base !== undefined;
    if (request.head === null && checkedOut === event.sha && event.ref === merged && !retargeted) {
        return {
            head: event.sha,
            base: { kind: 'first-parent' },
            headRef: merged,
            baseRef: pull.base.ref,
            headFetchRef: merged,
            headFile: pull.head.sha,
        };
    }
    return {
        head: request.head ?? pull.head.sha,
        base: { kind: 'merge-base', with: pull.base.sha },
        headRef: request.head ?? pull.head.ref,
        baseRef: pull.base.ref,
        headFetchRef: `refs/pull/${pull.number}/head`,
        headFile: null,
    };
}
function parsePayload(schema, event) {
    const parsed = schema.safeParse(event.payload);
    if (parsed.success)
        return parsed.data;
    throw new Failure('config', `The payload of the event ${event.name} is not what GitHub documents:\n${z.prettifyError(parsed.error)}`, { hint: 'Check GITHUB_EVENT_PATH, or give the inputs `base` and `head`.', cause: parsed.error });
}
function isZero(commit) {
    return /^0+$/.test(commit);
}


/***/ }),

/***/ 633:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   H: () => (/* binding */ Failure),
/* harmony export */   w: () => (/* binding */ toFailure)
/* harmony export */ });
/** "Could not tell", with what a reader needs in order to act. Always ends in a red check. */
class Failure extends Error {
    code;
    side;
    hint;
    /** File inside the repository that the error points at, with forward slashes. */
    file;
    /** @param hint what to do next, one or two sentences */
    constructor(code, message, options = {}) {
        super(message, { cause: options.cause });
        this.name = 'Failure';
        this.code = code;
        this.side = options.side ?? null;
        this.hint = options.hint ?? null;
        this.file = options.file ?? null;
    }
}
/** Any thrown thing as a Failure; what is not one already is a defect of ours and says so. */
function toFailure(thrown) {
    if (thrown instanceof Failure)
        return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Failure('internal', message, {
        hint: 'This is a defect of the action. Please report it with the log of this run.',
        cause: thrown,
    });
}


/***/ }),

/***/ 422:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   TL: () => (/* binding */ parseInputs),
/* harmony export */   zY: () => (/* binding */ DEFAULTS)
/* harmony export */ });
/* unused harmony exports INTEGRATIONS, DATA_VERSIONS, COMMENT_MODES, MODES, FAIL_ON */
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(586);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(532);
/* harmony import */ var _failure_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(633);


/** Every input's default, once. action.yml repeats them for its readers; a test keeps the two equal. */
const DEFAULTS = {
    project: '.',
    gateway: '',
    python: '',
    install: '',
    env: '',
    integration: 'auto',
    'asset-key': '',
    definitions: '',
    'data-version': 'auto',
    'fail-on': 'none',
    'accept-label': 'unsynced-ok',
    comment: 'changes',
    'comment-key': '',
    base: '',
    head: '',
    'pull-request': '',
    timeout: '600',
    mode: 'check',
    reports: '',
};
const INTEGRATIONS = ['auto', 'dg-sqlmesh', 'dagster-sqlmesh', 'custom'];
const DATA_VERSIONS = ['auto', 'snapshot', 'dagster'];
const COMMENT_MODES = ['changes', 'always', 'never'];
const MODES = ['check', 'compute', 'report'];
const FAIL_ON = [
    'none',
    'unsynced',
    'incremental',
    'formatting',
    'dependencies',
    'removed',
];
/** Variables that would let a project steer the runner, git or Node instead of being configured. */
const REFUSED_VARIABLE = /^(GITHUB_|ACTIONS_|INPUT_|RUNNER_|STATE_|LD_|DYLD_|GIT_|NODE_OPTIONS$|BASH_ENV$)/;
const lines = zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().transform((text) => text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''));
const optional = zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().transform((text) => (text.trim() === '' ? null : text.trim()));
const oneOf = (values) => zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP()
    .trim()
    .pipe(zod__WEBPACK_IMPORTED_MODULE_1__/* ["enum"] */ .k5n(values, { error: `must be one of ${values.join(', ')}` }));
const project = zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().transform((path, context) => {
    const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
    if (path.startsWith('/') || path.includes('\\') || segments.includes('..')) {
        const message = `${path} must be a folder inside the repository, relative to its root, with forward slashes`;
        context.addIssue({ code: 'custom', message });
    }
    return segments.join('/') || '.';
});
const projects = lines.pipe(zod__WEBPACK_IMPORTED_MODULE_1__/* .array */ .YOg(project)
    .min(1, 'names no folder')
    .refine((paths) => new Set(paths).size === paths.length, 'names a folder twice'));
const variableNames = lines.pipe(zod__WEBPACK_IMPORTED_MODULE_1__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'takes names of environment variables, one per line, without values')
    .refine((name) => !REFUSED_VARIABLE.test(name), {
    error: (issue) => `${issue.input} is not passed on: it belongs to the runner or steers programs`,
})));
const failOn = zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP()
    .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
    .pipe(zod__WEBPACK_IMPORTED_MODULE_1__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_1__/* ["enum"] */ .k5n(FAIL_ON, { error: `takes one or more of ${FAIL_ON.join(', ')}` }))
    .min(1, 'is empty'))
    .refine((rules) => rules.length === 1 || !rules.includes('none'), 'has none next to other values')
    .transform((rules) => rules.filter((rule) => rule !== 'none'));
const assetKey = optional.refine((template) => template === null || isTemplate(template), 'must be segments joined by /, made of text and {catalog}, {schema}, {name}, with at least {name}');
const definitions = optional.transform((text, context) => {
    if (text === null)
        return null;
    const target = parseTarget(text);
    if (target !== null)
        return target;
    context.addIssue({
        code: 'custom',
        message: 'must be a Python module such as pkg.definitions, or a .py file relative to the repository root, optionally followed by :attribute',
    });
    return zod__WEBPACK_IMPORTED_MODULE_2__/* .NEVER */ .tm;
});
const wholeNumber = (least, most) => zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
const inputs = zod__WEBPACK_IMPORTED_MODULE_1__/* .strictObject */ .rej({
    project: projects,
    gateway: optional,
    python: optional,
    install: optional,
    env: variableNames,
    integration: oneOf(INTEGRATIONS),
    'asset-key': assetKey,
    definitions,
    'data-version': oneOf(DATA_VERSIONS),
    'fail-on': failOn,
    'accept-label': zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().trim().max(50, 'is longer than a label can be'),
    comment: oneOf(COMMENT_MODES),
    'comment-key': optional,
    base: optional,
    head: optional,
    'pull-request': optional.pipe(wholeNumber(1, 999_999_999).nullable()),
    timeout: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().trim().pipe(wholeNumber(1, 21_600)),
    mode: oneOf(MODES),
    reports: lines.pipe(zod__WEBPACK_IMPORTED_MODULE_1__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP()).max(100, 'names more than 100 files')),
});
/**
 * Raw input strings as a Request. An absent or empty input takes its default; nothing else is
 * replaced.
 *
 * @throws Failure `config` that names every wrong input, its value and what is allowed
 */
function parseInputs(raw) {
    const given = Object.entries(raw).filter(([, value]) => value.trim() !== '');
    const parsed = inputs.safeParse({ ...DEFAULTS, ...Object.fromEntries(given) });
    if (!parsed.success)
        throw wrongInputs(parsed.error, raw);
    const value = parsed.data;
    const template = value['asset-key'];
    checkIntegration(value.integration, template);
    checkMode(value.mode, value.reports);
    return {
        projects: value.project,
        gateway: value.gateway,
        python: value.python,
        install: value.install,
        env: value.env,
        integration: template === null ? value.integration : 'custom',
        assetKey: template,
        definitions: value.definitions,
        dataVersion: value['data-version'],
        failOn: value['fail-on'],
        acceptLabel: value['accept-label'],
        comment: value.comment,
        commentKey: value['comment-key'],
        base: value.base,
        head: value.head,
        pullRequest: value['pull-request'],
        timeoutSeconds: value.timeout,
        mode: value.mode,
        reports: value.reports,
    };
}
function parseTarget(text) {
    const [place = '', attribute = null, ...rest] = text.split(':').map((part) => part.trim());
    const name = /^[\p{L}_][\p{L}\p{N}_]*$/u;
    if (rest.length > 0 || (attribute !== null && !name.test(attribute)))
        return null;
    if (place.split('.').every((part) => name.test(part)) && !/[.]py$/.test(place)) {
        return { file: null, module: place, attribute };
    }
    const segments = place.split('/').filter((segment) => segment !== '' && segment !== '.');
    const outside = place.startsWith('/') || place.includes('\\') || segments.includes('..');
    if (outside || !/[^/][.]py$/.test(place))
        return null;
    return { file: segments.join('/'), module: null, attribute };
}
function isTemplate(template) {
    const segments = template.split('/');
    const rest = segments.map((segment) => segment.replaceAll(/\{(catalog|schema|name)\}/g, ''));
    return (template.includes('{name}') &&
        segments.every((segment) => segment !== '') &&
        rest.every((segment) => !/[{}]/.test(segment)));
}
function checkIntegration(integration, template) {
    if (integration === 'custom' && template === null) {
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_0__/* .Failure */ .H('config', 'Input `integration` is custom, but `asset-key` is not given.', {
            hint: 'Set `asset-key` to a template such as {catalog}/{schema}/{name}.',
        });
    }
    if (template !== null && integration !== 'custom' && integration !== 'auto') {
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_0__/* .Failure */ .H('config', `Input \`asset-key\` contradicts \`integration: ${integration}\`.`, {
            hint: 'Leave one of the two out: a template always means integration custom.',
        });
    }
}
function checkMode(mode, reports) {
    if (mode === 'report' && reports.length === 0) {
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_0__/* .Failure */ .H('config', 'Input `mode` is report, but `reports` names no file.', {
            hint: 'Name the JSON reports of the earlier jobs in `reports`, one path per line.',
        });
    }
    if (mode !== 'report' && reports.length > 0) {
        throw new _failure_js__WEBPACK_IMPORTED_MODULE_0__/* .Failure */ .H('config', `Input \`reports\` has no meaning with \`mode: ${mode}\`.`, {
            hint: 'Leave it out, or set `mode` to report.',
        });
    }
}
function wrongInputs(error, raw) {
    const messages = error.issues.map((issue) => {
        if (issue.code === 'unrecognized_keys')
            return `There is no input ${issue.keys.join(', ')}.`;
        const name = String(issue.path[0]);
        const value = raw[name] ?? '';
        return `Input \`${name}\` ${issue.message} (given: ${JSON.stringify(value.trim())}).`;
    });
    return new _failure_js__WEBPACK_IMPORTED_MODULE_0__/* .Failure */ .H('config', [...new Set(messages)].join('\n'), {
        hint: 'Correct the input where the action or the command is called.',
    });
}


/***/ }),

/***/ 660:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Eh: () => (/* binding */ plainProgress),
/* harmony export */   YL: () => (/* binding */ liveProgress),
/* harmony export */   ay: () => (/* binding */ timed)
/* harmony export */ });
/* unused harmony export TOPICS */
/** What a stage's time is booked on, in the order of the last line of a run. */
const TOPICS = ['git', 'Python', 'base', 'head', 'compare', 'GitHub'];
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** In a log that only grows, silence for longer than this looks like a hang. */
const HEARTBEAT_MS = 10_000;
/** One line that is redrawn while a stage runs, and gone when it is done. For terminals. */
function liveProgress(write) {
    return async (_, name, work) => {
        const started = performance.now();
        let frame = 0;
        let detail = '';
        const draw = () => {
            write(`\r\u001b[K${FRAMES[frame++ % FRAMES.length]} ${name}${detail} ${since(started)}`);
        };
        const timer = setInterval(draw, FRAME_MS);
        draw();
        try {
            return await work((text) => {
                detail = `: ${text}`;
            });
        }
        finally {
            clearInterval(timer);
            write('\r\u001b[K');
        }
    };
}
/** One line when a stage ends, and one now and then while it runs. For logs. */
function plainProgress(writeLine) {
    return async (_, name, work) => {
        const started = performance.now();
        let detail = 'still at it';
        const timer = setInterval(() => {
            writeLine(`${name}: ${detail} after ${since(started)}`);
        }, HEARTBEAT_MS);
        let end = 'failed after ';
        try {
            const result = await work((text) => {
                detail = text;
            });
            end = '';
            return result;
        }
        finally {
            clearInterval(timer);
            writeLine(`${name}: ${end}${since(started)}`);
        }
    };
}
/** A stage that also keeps the time, and where the time went: `git 0.2 s · base 3.1 s`. */
function timed(stage) {
    const spent = new Map();
    return {
        stage: async (topic, name, work) => {
            const started = performance.now();
            try {
                return await stage(topic, name, work);
            }
            finally {
                spent.set(topic, (spent.get(topic) ?? 0) + performance.now() - started);
            }
        },
        summary: () => TOPICS.filter((topic) => spent.has(topic))
            .map((topic) => `${topic} ${seconds(spent.get(topic) ?? 0)}`)
            .join(' · '),
    };
}
function since(started) {
    return seconds(performance.now() - started);
}
function seconds(milliseconds) {
    return `${(milliseconds / 1000).toFixed(1)} s`;
}


/***/ }),

/***/ 302:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  E: () => (/* binding */ afterMergeSection),
  S: () => (/* binding */ stepsAfterMerge)
});

// EXTERNAL MODULE: ./src/report/markdown.ts
var markdown = __nccwpck_require__(285);
// EXTERNAL MODULE: ./src/report/pen.ts
var report_pen = __nccwpck_require__(489);
// EXTERNAL MODULE: ./src/report/presentation.ts
var presentation = __nccwpck_require__(379);
;// CONCATENATED MODULE: ./src/report/selection.ts

/** Assets of one command: a longer line is hard to paste, and Windows takes no more than 32,767 characters. */
const MOST_TERMS = 40;
/**
 * Shell commands that materialize exactly these assets, in the syntax that `dg launch --assets` and
 * the search field of Dagster's asset catalog share (dagster `AssetSelection.from_string`).
 */
function launchCommands(keys) {
    const terms = keys.filter(canBeNamed).map((key) => `key:"${(0,presentation/* keyText */.Pu)(key)}"`);
    const commands = [];
    for (let start = 0; start < terms.length; start += MOST_TERMS) {
        commands.push(launchCommand(terms.slice(start, start + MOST_TERMS).join(' or ')));
    }
    return { commands, unnameable: keys.filter((key) => !canBeNamed(key)) };
}
/** One command for a selection, quoted for a POSIX shell. */
function launchCommand(selection) {
    return `dg launch --assets '${selection.replaceAll("'", `'\\''`)}'`;
}
/**
 * A quoted key has no escapes, `*` in it is a wildcard, and the command line is split at every comma
 * before it is parsed (`asset_materialize_command_impl`, dagster 1.13).
 */
function canBeNamed(key) {
    return !/["\\,*\p{C}\p{Zl}\p{Zp}]/u.test((0,presentation/* keyText */.Pu)(key));
}

;// CONCATENATED MODULE: ./src/report/afterMerge.ts




/** More commands than this nobody runs one after the other. */
const MOST_COMMANDS = 4;
/** What to do after the merge, in this order; empty if nothing follows. */
function stepsAfterMerge({ report, sources }, rows, pen) {
    const { changed, upgraded, first, following, added, removed } = rows;
    const selected = [...changed, ...upgraded, ...added, ...following];
    const forwardOnly = changed.filter(({ model }) => sources.forwardOnly.has(model ?? ''));
    const steps = [
        selected.length + first.length > 0 ? planStep(report, pen) : null,
        selected.length > 0 ? materializeStep(selected, rows, pen) : null,
        first.length > 0 ? firstVersionsStep(first, report) : null,
        about(forwardOnly, pen, (names, one) => {
            return `${names} ${one ? 'is' : 'are'} forward-only: history is not rebuilt, and the next run clears the flag.`;
        }),
        about(report.integration.wired === 'no' ? [] : changed.filter((row) => row.formattingOnly), pen, (names, one) => `${names} ${one ? 'changes' : 'change'} in formatting only: undo that before the merge, or materialize once to clear the flag.`),
        about(removed, pen, (names, one) => {
            return `${names} ${one ? 'leaves' : 'leave'} the definitions: jobs, schedules and selections that name ${one ? 'it' : 'them'} need an edit. ${one ? 'Its' : 'Their'} history stays in Dagster.`;
        }),
    ];
    return steps.filter((step) => step !== null);
}
/** A materialized asset is green whether or not SQLMesh has deployed the change. */
function planStep({ integration }, pen) {
    if (integration.name !== 'dg-sqlmesh')
        return null;
    const text = `Apply the SQLMesh plan first (${pen.code('sqlmesh plan')}): dg-sqlmesh runs what is applied and applies nothing, so that an asset materialized before turns green on its old code.`;
    return { text, commands: [] };
}
function materializeStep(selected, rows, pen) {
    const { changed, upgraded, added, following } = rows;
    const selections = launchCommands(selected.map(({ key }) => key));
    const kinds = [
        changed.length + upgraded.length > 0 ? 'what changed' : '',
        added.length > 0 ? 'what is new' : '',
        following.length > 0 ? 'what follows' : '',
    ].filter((kind) => kind !== '');
    const what = `Materialize ${(0,report_pen/* few */.H$)(kinds, 3)}, ${(0,markdown/* counted */.hS)(selected.length, 'asset')}`;
    if (selections.commands.length > MOST_COMMANDS) {
        const text = `${what}. That is too many to select by hand: take the keys from the JSON report.`;
        return { text: `${text}${unnameableText(selections, pen)}`, commands: [] };
    }
    const inTurn = selections.commands.length > 1 ? ', one command after the other' : '';
    const colon = selections.commands.length === 0 ? '.' : ':';
    return {
        text: `${what}${inTurn}${unnameableText(selections, pen)}${colon}`,
        commands: selections.commands,
    };
}
function unnameableText({ unnameable }, pen) {
    if (unnameable.length === 0)
        return '';
    const names = (0,report_pen/* few */.H$)(unnameable.map((key) => pen.code((0,presentation/* keyText */.Pu)(key))), 3);
    return `; ${names} can only be picked in Dagster’s pages, because no selection can name ${unnameable.length === 1 ? 'it' : 'them'}`;
}
/** All assets of an integration get a code version at once, and both integrations mark theirs so. */
function firstVersionsStep(rows, { integration }) {
    const marked = ['dg-sqlmesh', 'dagster-sqlmesh'].includes(integration.name ?? '');
    const text = `Materialize once what gets its first code version, ${(0,markdown/* counted */.hS)(rows.length, 'asset')}`;
    if (marked)
        return { text: `${text}:`, commands: [launchCommand('kind:"sqlmesh"')] };
    const { commands } = launchCommands(rows.map(({ key }) => key));
    return commands.length > MOST_COMMANDS
        ? { text: `${text}.`, commands: [] }
        : { text: `${text}:`, commands };
}
function about(rows, pen, say) {
    if (rows.length === 0)
        return null;
    const names = (0,report_pen/* few */.H$)(rows.map(({ key }) => pen.code((0,presentation/* keyText */.Pu)(key))), 5);
    return { text: say(names, rows.length === 1), commands: [] };
}
/** The steps as a folded list whose commands can be pasted; null if nothing follows. */
function afterMergeSection(presentation, rows) {
    const steps = stepsAfterMerge(presentation, rows, report_pen/* MARKDOWN */.yQ);
    if (steps.length === 0)
        return null;
    const items = steps.map(({ text, commands }, index) => {
        const number = `${(0,markdown/* thousands */.oh)(index + 1)}. `;
        const blocks = commands.map((command) => indent((0,markdown/* block */.om)(command, 'sh'), number.length));
        return [`${number}${text}`, ...blocks].join('\n\n');
    });
    return (0,markdown/* details */.zH)('<b>After merge</b>', items.join('\n'));
}
/** A block that belongs to an item of a list starts below its text. */
function indent(text, by) {
    return text.replaceAll(/^/gm, ' '.repeat(by));
}


/***/ }),

/***/ 304:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   gM: () => (/* binding */ causeLabel),
/* harmony export */   gf: () => (/* binding */ whyOf),
/* harmony export */   nu: () => (/* binding */ dependenciesText),
/* harmony export */   ss: () => (/* binding */ whyText)
/* harmony export */ });
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(285);
/* harmony import */ var _presentation_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(379);


const LABELS = {
    query: 'query',
    columns: 'columns',
    kind: 'kind',
    partitioning: 'partitioning',
    'interval-unit': 'interval unit',
    statements: 'statements',
    macro: 'macro',
    jinja: 'jinja',
    python: 'Python',
    seed: 'seed',
    properties: 'properties',
    variables: 'variables',
    formatting: 'formatting only',
    'sqlmesh-upgrade': 'SQLMesh upgrade',
    unknown: 'unknown',
};
/** A cause kind in words. A report of another version may bring kinds that are not known here. */
function causeLabel(kind) {
    return Object.hasOwn(LABELS, kind) ? LABELS[kind] : 'other';
}
/** Why an asset is unsynced, one entry a line, in the report's order. */
function whyOf(row) {
    const groups = new Map();
    for (const cause of row.causes) {
        const id = JSON.stringify([cause.kind, cause.file]);
        const group = groups.get(id);
        if (group === undefined)
            groups.set(id, [cause]);
        else
            group.push(cause);
    }
    return [...groups.values()].map((causes) => {
        const [{ kind, file }] = causes;
        const shown = kind === 'formatting' ? [] : causes.flatMap(piecesOf);
        return { label: causeLabel(kind), pieces: shown, file: file === row.path ? null : file };
    });
}
function piecesOf({ kind, detail }) {
    switch (kind) {
        case 'columns':
            return detail.split(', ').map((name) => ({ name, word: '', value: null }));
        case 'query':
            return clausePieces(detail);
        case 'kind':
        case 'interval-unit':
            // `kind: VIEW → FULL`: the label says it already.
            return [{ name: detail.replace(/^(kind|interval_unit): /, ''), word: '', value: null }];
        default:
            return [pieceOf(detail)];
    }
}
/** `JOIN a added, WHERE changed`; a name with a comma in it stays whole. */
function clausePieces(detail) {
    const pieces = detail.split(/(?<= (?:added|removed|changed)), /).map(pieceOf);
    return pieces.every(({ word }) => word !== '') ? pieces : [pieceOf(detail)];
}
function pieceOf(detail) {
    const told = /^(.+?) (added|removed|changed)(?:: (.+))?$/s.exec(detail);
    if (told !== null) {
        return { name: told[1], word: told[2], value: told[3] ?? null };
    }
    const set = /^([^\s:]+): (.+)$/s.exec(detail);
    if (set !== null)
        return { name: set[1], word: '', value: set[2] };
    return { name: detail, word: '', value: null };
}
/** Details of one line that are shown; more of them only lengthen the row. */
const MOST_PIECES = 5;
/**
 * One line of why: `macro: @euros`, `query: JOIN refunds added`.
 *
 * @param link makes a link of the label to the file where it is written
 */
function whyText(why, pen, link = (label) => label) {
    if (why.pieces.length === 0)
        return pen.strong(why.label);
    const shown = why.pieces.slice(0, MOST_PIECES).map(({ name, word, value }) => {
        const happened = word === '' ? pen.code(name) : `${pen.code(name)} ${word}`;
        return value === null ? happened : `${happened}: ${pen.code(value)}`;
    });
    const rest = why.pieces.length - shown.length;
    const more = rest === 0 ? '' : ` and ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .thousands */ .oh)(rest)} more`;
    const label = why.file === null ? why.label : link(why.label, why.file);
    return `${label}: ${shown.join(', ')}${more}`;
}
/** Parents that come and go: `dependencies: +a, -b`; null if they stay. */
function dependenciesText({ parents }, pen) {
    const signed = [
        ...parents.added.map((key) => `+${(0,_presentation_js__WEBPACK_IMPORTED_MODULE_0__/* .keyText */ .Pu)(key)}`),
        ...parents.removed.map((key) => `-${(0,_presentation_js__WEBPACK_IMPORTED_MODULE_0__/* .keyText */ .Pu)(key)}`),
    ];
    if (signed.length === 0)
        return null;
    const shown = signed.slice(0, MOST_PIECES).map(pen.code);
    const rest = signed.length - shown.length;
    return `dependencies: ${shown.join(', ')}${rest === 0 ? '' : ` and ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .thousands */ .oh)(rest)} more`}`;
}


/***/ }),

/***/ 291:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  w: () => (/* binding */ renderComment)
});

// UNUSED EXPORTS: fitsComment

// EXTERNAL MODULE: ./src/report/afterMerge.ts + 1 modules
var afterMerge = __nccwpck_require__(302);
// EXTERNAL MODULE: ./src/report/markdown.ts
var markdown = __nccwpck_require__(285);
// EXTERNAL MODULE: ./src/report/pen.ts
var pen = __nccwpck_require__(489);
// EXTERNAL MODULE: ./src/report/presentation.ts
var report_presentation = __nccwpck_require__(379);
// EXTERNAL MODULE: ./src/report/sentences.ts
var sentences = __nccwpck_require__(20);
;// CONCATENATED MODULE: ./src/report/failed.ts




/** What is shown of an error's text. More is in the log, and nobody reads it in a comment. */
const MOST_CHARACTERS = 2000;
const MOST_LINES = 30;
/** The body of a document about a comparison that could not be made. */
function failureSections(presentation) {
    const { report, links } = presentation;
    const { error } = report;
    if (error === null)
        return [];
    return [
        `**${(0,sentences/* headline */.Pl)(report)}** ${(0,sentences/* whyItFails */.hE)(presentation)}`,
        sidesTable(presentation, error),
        whoseFault(report, error),
        [`${whatFailed(error)}${whereText(error, links)}:`, errorText(error)].join('\n\n'),
        error.hint === null ? null : `**What to do:** ${(0,markdown/* prose */.CS)((0,markdown/* shorten */.ml)(error.hint, MOST_CHARACTERS))}`,
        links === null ? null : `The ${(0,markdown/* link */.nf)('log of this run', links.run)} has more.`,
        (0,sentences/* aboutPrevious */.xJ)(presentation, pen/* MARKDOWN */.yQ),
    ];
}
function whatFailed({ code }) {
    return (Object.hasOwn(WHAT, code) ? WHAT[code] : undefined) ?? 'It stopped with an error';
}
const WHAT = {
    'refused-event': 'This event must not load a pull request’s code',
    config: 'The configuration is wrong',
    git: 'Git could not give what was asked of it',
    environment: 'There is no Python environment to load the project in',
    'load-failed': 'SQLMesh could not load the project',
    timeout: 'Loading the project took too long',
    protocol: 'Loading the project ended without a usable answer',
    'versions-differ': 'Base and head need different versions',
    internal: 'The action itself failed',
};
function whereText({ file, side }, links) {
    const on = side === null ? '' : ` at ${side}`;
    if (file === null)
        return on;
    const name = pen/* MARKDOWN */.yQ.code(file);
    const linked = links !== null && file.length <= MOST_CHARACTERS;
    return `${on}, in ${linked ? (0,markdown/* link */.nf)(name, (0,report_presentation/* fileUrl */.iw)(links, file, side ?? 'head')) : name}`;
}
function errorText({ message }) {
    const lines = (0,markdown/* shorten */.ml)(message, MOST_CHARACTERS).split('\n');
    const left = lines.length - MOST_LINES;
    const shown = left > 0 ? [...lines.slice(0, MOST_LINES), `… ${left} more lines`] : lines;
    return (0,markdown/* block */.om)(shown.join('\n'), 'text');
}
/** Where base fails too, a pull request cannot mend it alone, or is the one that does. */
function whoseFault(report, { side }) {
    if (failed(report, 'base') && failed(report, 'head')) {
        return 'Neither commit loads, so the error is not this pull request’s alone.';
    }
    if (side !== 'base')
        return null;
    const head = report.sqlmesh.head === null ? '' : ' Head does load.';
    return `The commit that this is compared with does not load, so every pull request on it stays red until it does.${head}`;
}
function failed({ error, notices }, side) {
    return error?.side === side || notices.some((notice) => notice.code === `${side}-failed`);
}
function sidesTable({ report, links }, { side: stopped, code: why }) {
    if (report.base.sha === null && report.head.sha === null)
        return null;
    const row = (side) => {
        const { sha, ref } = report[side];
        const version = report.sqlmesh[side];
        // The ref of head is the pull request itself.
        const named = ref !== null && side === 'base';
        const name = named ? `${side} (${(0,markdown/* code */.aY)((0,markdown/* shorten */.ml)(ref, 100))})` : side;
        const loaded = version === null ? 'not loaded' : `loaded, SQLMesh ${pen/* MARKDOWN */.yQ.code(version)}`;
        const result = !failed(report, side)
            ? loaded
            : why === 'timeout' && side === stopped
                ? '**timed out**'
                : '**failed**';
        return [name, commitText(sha, links), result];
    };
    return (0,markdown/* table */.tp)(['Side', 'Commit', 'Result'], ['left', 'left', 'left'], [row('base'), row('head')]);
}
/** A commit's short id, linked where it can be. */
function commitText(sha, links) {
    if (sha === null)
        return 'unknown';
    const short = (0,markdown/* code */.aY)(sha.slice(0, 7));
    const linked = links !== null && /^[0-9a-f]{40,64}$/.test(sha);
    return linked ? (0,markdown/* link */.nf)(short, `${links.repository}/commit/${sha}`) : short;
}

;// CONCATENATED MODULE: ./src/report/footer.ts



/** What was compared, and with what: the same last line in every state. */
function footer({ report, links }) {
    const { base, head, sqlmesh, integration, counts } = report;
    const ref = base.ref === null ? '' : ` (${(0,markdown/* code */.aY)((0,markdown/* shorten */.ml)(base.ref, 100))})`;
    const name = [integration.name, integration.version].filter((part) => part !== null).join(' ');
    const parts = [
        // A comparison that was not made has its commits in a table.
        counts === null || base.sha === null || head.sha === null
            ? null
            : `Compared ${commitText(base.sha, links)}${ref} with ${commitText(head.sha, links)}`,
        sizesText(counts),
        versionsText(sqlmesh),
        name === '' ? null : (0,markdown/* prose */.CS)((0,markdown/* shorten */.ml)(name, 100)),
        links === null ? null : (0,markdown/* link */.nf)('run', links.run),
        counts === null
            ? null
            : 'Dagster shows an asset that was never materialized as missing, and a partitioned asset by partition',
    ];
    return `<sub>${parts.filter((part) => part !== null).join(' · ')}</sub>`;
}
function sizesText(counts) {
    if (counts === null || counts.base === null || counts.head === null)
        return null;
    return `${(0,markdown/* thousands */.oh)(counts.base)} → ${(0,markdown/* counted */.hS)(counts.head, 'asset')}`;
}
function versionsText({ base, head }) {
    if (head === null)
        return base === null ? null : `SQLMesh ${pen/* MARKDOWN */.yQ.code(base)}`;
    return `SQLMesh ${pen/* MARKDOWN */.yQ.code(base === null || base === head ? head : `${base} → ${head}`)}`;
}

// EXTERNAL MODULE: ./src/dagster/assetKeys.ts
var assetKeys = __nccwpck_require__(540);
;// CONCATENATED MODULE: ./src/report/lineage.ts



/** More than this nobody can read. Mermaid itself fails at 501 edges or 50,000 characters. */
const MOST_NODES = 40;
const MOST_EDGES = 60;
const MOST_LABEL = 60;
/** Changed assets and what follows from them, drawn; a sentence if that is too much to draw. */
function lineageSection({ assets }) {
    const edges = edgesOf(assets);
    if (edges.length === 0)
        return null;
    const drawn = new Set(edges.flatMap(({ from, to }) => [from, to]));
    if (drawn.size > MOST_NODES || edges.length > MOST_EDGES) {
        const size = `${(0,markdown/* counted */.hS)(drawn.size, 'asset')} and ${(0,markdown/* counted */.hS)(edges.length, 'edge')}`;
        return `The lineage is not drawn: ${size} are more than a drawing can show (${MOST_NODES} and ${MOST_EDGES}).`;
    }
    const nodes = assets.filter((asset) => drawn.has(asset));
    const alone = assets.length - nodes.length;
    const note = alone === 0
        ? ''
        : `\n\n${(0,markdown/* counted */.hS)(alone, 'affected asset')} ${alone === 1 ? 'stands alone and is' : 'stand alone and are'} not drawn.`;
    const drawing = (0,markdown/* block */.om)(draw(nodes, edges), 'mermaid');
    return (0,markdown/* details */.zH)('<b>Lineage</b>: changed assets and what follows', `${drawing}${note}`);
}
/** From each asset to those that wait for it, or that came to depend on it or no longer do. */
function edgesOf(assets) {
    const byId = new Map(assets.map((asset) => [(0,assetKeys/* keyId */.xs)(asset.key), asset]));
    const edges = (to, keys, what) => keys.flatMap((key) => {
        const from = byId.get((0,assetKeys/* keyId */.xs)(key));
        return from === undefined || from === to ? [] : [{ from, to, what }];
    });
    return assets.flatMap((asset) => [
        ...edges(asset, asset.waitsFor, asset.confidence === 'possible' ? 'possible' : 'expected'),
        ...edges(asset, asset.parents.added, 'new dependency'),
        ...edges(asset, asset.parents.removed, 'removed dependency'),
    ]);
}
function draw(nodes, edges) {
    const ids = new Map(nodes.map((node, index) => [node, `n${index}`]));
    const names = shortNames(nodes);
    return [
        'flowchart LR',
        ...nodes.map((node) => {
            const label = `${quoted(names.get(node) ?? '')} · ${stateText(node)}`;
            return `  ${ids.get(node)}["${label}"]:::${node.status}`;
        }),
        ...edges.map(({ from, to, what }) => `  ${ids.get(from)} ${ARROWS[what]} ${ids.get(to)}`),
        // Line styles, not colours: they show in light and dark, and to everyone.
        '  classDef unsynced stroke-width:3px',
        '  classDef new stroke-width:1px',
        '  classDef afterUpstream stroke-width:1px,stroke-dasharray:4 3',
        '  classDef removed stroke-width:1px,stroke-dasharray:1 4',
    ].join('\n');
}
const ARROWS = {
    expected: '-->',
    possible: '-.->',
    'new dependency': '-->|new dependency|',
    'removed dependency': '-.->|removed dependency|',
};
function stateText({ status, confidence }) {
    switch (status) {
        case 'unsynced':
            return 'on deploy';
        case 'afterUpstream':
            return confidence === 'possible' ? 'after upstream, possibly' : 'after upstream';
        case 'new':
            return 'new';
        case 'removed':
            return 'removed';
    }
}
/** The last segment of each key, or the whole key where several end in the same one. */
function shortNames(nodes) {
    const lastOf = (node) => node.key.at(-1) || (0,report_presentation/* keyText */.Pu)(node.key);
    const counts = new Map();
    for (const node of nodes)
        counts.set(lastOf(node), (counts.get(lastOf(node)) ?? 0) + 1);
    return new Map(nodes.map((node) => {
        const name = (counts.get(lastOf(node)) ?? 0) > 1 ? (0,report_presentation/* keyText */.Pu)(node.key) : lastOf(node);
        return [node, (0,markdown/* shorten */.ml)(name, MOST_LABEL)];
    }));
}
/** Text of a mermaid label: all but plain characters as `#code;`, mermaid's own escape. */
function quoted(text) {
    return text
        .toWellFormed()
        .replaceAll(/[^\p{L}\p{N}_./ …(),-]/gu, (char) => `#${char.codePointAt(0)};`);
}

;// CONCATENATED MODULE: ./src/report/remarks.ts



/** Characters of a remark that are shown. The JSON report has it whole. */
const MOST_NOTE = 500;
/** A side without the project makes everything new or removed, which is the first thing to know. */
function absentProject({ notices }) {
    const absent = notices.filter((notice) => notice.code === 'project-absent');
    return absent
        .slice(0, 2)
        .map(({ message }) => (0,markdown/* prose */.CS)((0,markdown/* shorten */.ml)(message, MOST_NOTE)))
        .join(' ');
}
/** At most one alert in a comment: GitHub asks for restraint, and readers too. */
function remarks_alert(report, rows) {
    const upgrade = (0,sentences/* upgradeAdvice */.d5)(rows.upgraded, report, pen/* MARKDOWN */.yQ);
    const warnings = report.notices
        .filter((notice) => notice.level === 'warning')
        .filter((notice) => upgrade === null || notice.code !== 'sqlmesh-upgrade')
        .slice(0, MOST_NOTES)
        .map(({ message }) => (0,markdown/* prose */.CS)((0,markdown/* shorten */.ml)(message, MOST_NOTE)));
    const lines = [upgrade, (0,sentences/* formattingAdvice */.y5)(rows, report, pen/* MARKDOWN */.yQ), ...warnings].filter((line) => line !== null);
    if (lines.length === 0)
        return null;
    return ['> [!WARNING]', lines.map((line) => `> ${line}`).join('\n>\n')].join('\n');
}
const OPEN_NOTES = 3;
const MOST_NOTES = 10;
/** What is worth knowing and asks for nothing. */
function notes({ notices, error }) {
    const shown = notices.filter((notice) => isNote(notice, error !== null));
    if (shown.length === 0)
        return null;
    const some = shown.slice(0, MOST_NOTES).map(({ message }) => (0,markdown/* prose */.CS)((0,markdown/* shorten */.ml)(message, MOST_NOTE)));
    const left = shown.length - some.length;
    const rest = left === 0 ? [] : [`${(0,markdown/* counted */.hS)(left, 'more note')} in the JSON report`];
    const list = [...some, ...rest].map((item) => `- ${item}`).join('\n');
    return shown.length > OPEN_NOTES
        ? (0,markdown/* details */.zH)(`<b>Notes (${(0,markdown/* thousands */.oh)(shown.length)})</b>`, list)
        : list;
}
/** An error leaves no room for an alert, so that warnings are notes there. */
function isNote({ level, code }, isError) {
    return isError || (level === 'info' && code !== 'project-absent');
}

// EXTERNAL MODULE: ./src/report/causes.ts
var report_causes = __nccwpck_require__(304);
// EXTERNAL MODULE: ./src/report/rows.ts
var report_rows = __nccwpck_require__(425);
;// CONCATENATED MODULE: ./src/report/rollup.ts




function groupBy(rows, namesOf) {
    const groups = new Map();
    for (const row of rows) {
        for (const name of new Set(namesOf(row))) {
            const group = groups.get(name) ?? { count: 0, byCost: report_rows/* COSTS */.zN.map(() => 0) };
            group.count += 1;
            group.byCost[(0,report_rows/* cost */.y)(row)] = (group.byCost[(0,report_rows/* cost */.y)(row)] ?? 0) + 1;
            groups.set(name, group);
        }
    }
    return [...groups].sort(([a, m], [b, n]) => n.count - m.count || (a < b ? -1 : 1));
}
/** Unsynced assets by cause, for a document with no room for every asset; null if there are none. */
function causesTable(rows) {
    const groups = groupBy(unsyncedRows(rows), (row) => [
        ...row.causes.map(({ kind }) => (0,report_causes/* causeLabel */.gM)(kind)),
        ...(row.reasons.includes('dependencies') ? ['dependencies'] : []),
    ]);
    return groups.length === 0 ? null : groupTable('Cause', groups, (name) => name);
}
function unsyncedRows({ changed, upgraded, first }) {
    return [...changed, ...upgraded, ...first];
}
const MOST_SCHEMAS = 20;
/** Unsynced assets by what their keys begin with; null if there are none. */
function schemasSection(rows) {
    const groups = groupBy(unsyncedRows(rows), ({ key }) => [(0,report_presentation/* keyText */.Pu)(key.slice(0, -1))]);
    if (groups.length === 0)
        return null;
    const shown = groups.slice(0, MOST_SCHEMAS);
    const rest = groups.slice(MOST_SCHEMAS);
    const left = rest.reduce((sum, [, { count }]) => sum + count, 0);
    const title = `<b>By schema</b>: ${(0,markdown/* counted */.hS)(groups.length, 'schema')}`;
    return (0,markdown/* details */.zH)(rest.length === 0 ? title : `${title}, the largest ${MOST_SCHEMAS} shown`, (0,markdown/* stack */.t$)([
        groupTable('Schema', shown, (name) => (name === '' ? 'none' : (0,markdown/* code */.aY)(name))),
        left === 0
            ? null
            : `${(0,markdown/* counted */.hS)(rest.length, 'smaller schema')} hold the other ${(0,markdown/* counted */.hS)(left, 'asset')}.`,
    ]));
}
/** Only the costs that occur have a column. */
function groupTable(header, groups, nameCell) {
    const costs = report_rows/* COSTS */.zN.map((name, index) => ({ name, index })).filter(({ index }) => groups.some(([, { byCost }]) => (byCost[index] ?? 0) > 0));
    return (0,markdown/* table */.tp)([header, 'Assets', ...costs.map(({ name }) => name)], ['left', 'right', ...costs.map(() => 'right')], groups.map(([name, { count, byCost }]) => [
        nameCell(name),
        (0,markdown/* thousands */.oh)(count),
        ...costs.map(({ index }) => (0,markdown/* thousands */.oh)(byCost[index] ?? 0)),
    ]));
}

// EXTERNAL MODULE: ./src/verdict.ts
var src_verdict = __nccwpck_require__(138);
// EXTERNAL MODULE: ./src/report/wiring.ts
var wiring = __nccwpck_require__(698);
;// CONCATENATED MODULE: ./src/report/sections.ts






/** The numbers, in one row. */
function countsTable(counts, wired) {
    const { head, unsynced, afterUpstream, removed } = counts;
    const affected = [unsynced, afterUpstream, counts.new, removed].map(markdown/* thousands */.oh);
    const rest = head === null ? 'not counted' : (0,markdown/* thousands */.oh)(head - unsynced - afterUpstream - counts.new);
    return (0,markdown/* table */.tp)([onDeploy(wired), 'After upstream', 'New', 'Removed', 'Unaffected'], ['right', 'right', 'right', 'right', 'right'], [[...affected, rest]]);
}
/** Without a code version Dagster shows nothing, so that what becomes unsynced is a matter of wiring. */
function onDeploy(wired) {
    return wired === 'no' ? 'Unsynced once wired' : 'Unsynced on deploy';
}
/** With a hyphen at which no line is broken. */
const KNOCK_ON = 'Knock\u2011on';
/** Assets that Dagster flags as soon as head is deployed because they changed; null if there are none. */
function unsyncedSection(presentation, rows, limits) {
    const all = rows.changed.length + rows.upgraded.length + rows.first.length;
    if (all === 0)
        return null;
    const shown = rows.changed.slice(0, limits.open);
    const folded = rows.changed.slice(limits.open, limits.all);
    const first = (0,wiring/* firstVersionsStatement */.ts)(rows);
    return (0,markdown/* stack */.t$)([
        `#### ${headingOf(rows, all, presentation.report.integration.wired)}`,
        shown.length === 0 ? null : unsyncedTable(shown, presentation, rows),
        folded.length === 0
            ? null
            : (0,markdown/* details */.zH)(`<b>Next ${(0,markdown/* thousands */.oh)(folded.length)} of ${(0,markdown/* thousands */.oh)(rows.changed.length)}</b>`, unsyncedTable(folded, presentation, rows)),
        first === null ? null : (0,markdown/* prose */.CS)(first),
    ]);
}
function headingOf({ changed, upgraded }, all, wired) {
    const when = onDeploy(wired);
    if (upgraded.length === 0)
        return `${when} (${(0,markdown/* thousands */.oh)(all)})`;
    return changed.length === 0
        ? `${when} (${(0,markdown/* thousands */.oh)(all)}), all by the upgrade`
        : `${when} by changed files (${(0,markdown/* thousands */.oh)(changed.length)})`;
}
function unsyncedTable(shown, presentation, { knockOn }) {
    return (0,markdown/* table */.tp)(['Asset', 'Kind', 'Why', KNOCK_ON], ['left', 'left', 'left', 'right'], shown.map((row) => [
        assetCell(row, presentation.links),
        kindCell(row, presentation),
        whyCell(row, presentation),
        (0,markdown/* thousands */.oh)(knockOn(row)),
    ]));
}
/** Assets that Dagster flags although no file of theirs changed; null if there are none. */
function upgradedSection({ links }, { upgraded, knockOn }, most) {
    if (upgraded.length === 0)
        return null;
    const shown = upgraded.slice(0, most);
    const body = (0,markdown/* table */.tp)(['Asset', 'Kind', KNOCK_ON], ['left', 'left', 'right'], shown.map((row) => [assetCell(row, links), (0,markdown/* prose */.CS)((0,report_presentation/* kindText */.uS)(row)), (0,markdown/* thousands */.oh)(knockOn(row))]));
    return (0,markdown/* details */.zH)(`<b>Unsynced by the SQLMesh upgrade, file unchanged (${amount(shown, upgraded)})</b>`, body);
}
function amount(shown, all) {
    return shown.length === all.length
        ? (0,markdown/* thousands */.oh)(all.length)
        : `${(0,markdown/* thousands */.oh)(shown.length)} of ${(0,markdown/* thousands */.oh)(all.length)}`;
}
/** Assets that Dagster flags later, and what they wait for; null if there are none. */
function followingSection({ links }, { following }, most) {
    if (following.length === 0)
        return null;
    const shown = following.slice(0, most);
    const body = (0,markdown/* table */.tp)(['Asset', 'Kind', 'Waits for', 'Hops', 'Confidence'], ['left', 'left', 'left', 'right', 'left'], shown.map((row) => [
        assetCell(row, links),
        (0,markdown/* prose */.CS)((0,report_presentation/* kindText */.uS)(row)),
        (0,pen/* few */.H$)(row.waitsFor.map((key) => (0,markdown/* code */.aY)((0,report_presentation/* keyText */.Pu)(key))), 3),
        (0,markdown/* thousands */.oh)(row.wave),
        row.confidence,
    ]));
    return (0,markdown/* details */.zH)(`<b>After upstream materializes (${amount(shown, following)})</b>, a prediction`, body);
}
/** New and removed assets; null if there are none. */
function newAndRemovedSection(presentation, { added, removed }, most) {
    if (added.length + removed.length === 0)
        return null;
    const shown = [...added.slice(0, most), ...removed.slice(0, most)].map((row) => [
        assetCell(row, presentation.links),
        (0,markdown/* prose */.CS)((0,report_presentation/* kindText */.uS)(row)),
        [row.status, ...brokenText(row, presentation)].join('<br>'),
    ]);
    const title = [
        added.length > 0 ? `New (${amount(added.slice(0, most), added)})` : '',
        removed.length > 0 ? `removed (${amount(removed.slice(0, most), removed)})` : '',
    ].filter((part) => part !== '');
    const words = title.join(' and ').replace(/^r/, 'R');
    const body = (0,markdown/* stack */.t$)([
        (0,markdown/* table */.tp)(['Asset', 'Kind', 'Change'], ['left', 'left', 'left'], shown),
        added.length === 0
            ? null
            : 'What is new shows as never materialized until its first run, which is not Unsynced.',
        removed.length === 0
            ? null
            : 'What is removed is gone from the definitions; its history stays in Dagster.',
    ]);
    return (0,markdown/* details */.zH)(`<b>${words}</b>`, body);
}
/** The asset's key, linked to the file that defines its model. */
function assetCell(row, links) {
    const name = (0,markdown/* code */.aY)((0,report_presentation/* keyText */.Pu)(row.key));
    if (row.path === null || links === null)
        return name;
    return (0,markdown/* link */.nf)(name, (0,report_presentation/* fileUrl */.iw)(links, row.path, row.status === 'removed' ? 'base' : 'head'));
}
function kindCell(row, { sources }) {
    const kind = (0,markdown/* prose */.CS)((0,report_presentation/* kindText */.uS)(row));
    return sources.forwardOnly.has(row.model ?? '') ? `${kind}, forward-only` : kind;
}
/** A cause names its file only where it is not the model's own, which the asset links to. */
function whyCell(row, presentation) {
    const { links } = presentation;
    const toFile = (label, file) => links === null ? label : (0,markdown/* link */.nf)(label, (0,report_presentation/* fileUrl */.iw)(links, file, 'head'));
    const causes = (0,report_causes/* whyOf */.gf)(row).map((why) => (0,report_causes/* whyText */.ss)(why, pen/* MARKDOWN */.yQ, toFile));
    const parents = (0,report_causes/* dependenciesText */.nu)(row, pen/* MARKDOWN */.yQ);
    return [...causes, ...(parents === null ? [] : [parents]), ...brokenText(row, presentation)].join('<br>');
}
/** Says on the row itself that it is one of those that turn the check red. */
function brokenText(row, presentation) {
    const { verdict, failOn, acceptance } = presentation;
    if (verdict?.conclusion !== 'failure' || acceptance?.state === 'accepted')
        return [];
    const rules = (0,src_verdict/* brokenRules */.P6)(row, failOn);
    return rules.length === 0 ? [] : [`**fails the check:** ${rules.join(', ')}`];
}

;// CONCATENATED MODULE: ./src/report/sqlDiff.ts



/** Lines of one file's diff that are shown. Who needs more has the pull request's own pages. */
const sqlDiff_MOST_LINES = 40;
const sqlDiff_MOST_CHARACTERS = 200;
/**
 * What changed, model by model: code versions, and the text of the file. Files that several models
 * share come once, after them. null if no code version moved.
 *
 * @param most how many files to show the text of
 */
function sqlSection({ sources }, { changed }, most) {
    const rows = changed.filter(({ reasons }) => reasons.includes('code'));
    if (rows.length === 0)
        return null;
    const shown = new Set();
    const own = rows.flatMap((row) => {
        const diff = sources.diffs.get(row.path ?? '');
        if (diff === undefined || shown.size >= most || shown.has(diff))
            return [];
        shown.add(diff);
        return [{ row, text: `${nameText(row)} · ${versionText(row)}\n\n${diffText(diff)}` }];
    });
    const shared = sharedFiles(rows).flatMap(([path, users]) => {
        const diff = sources.diffs.get(path);
        if (diff === undefined || shown.size >= most || shown.has(diff))
            return [];
        shown.add(diff);
        const names = (0,pen/* few */.H$)(users.map(nameText), 3);
        return [`${(0,markdown/* code */.aY)(path)}, a cause for ${names}\n\n${diffText(diff)}`];
    });
    const drawn = new Set(own.map(({ row }) => row));
    const rest = rows.filter((row) => !drawn.has(row));
    const body = (0,markdown/* stack */.t$)([
        ...own.map(({ text }) => text),
        ...shared,
        versionsTable(rest, drawn.size > 0),
    ]);
    const title = shown.size === 0 ? '<b>Code versions</b>' : '<b>What changed</b>: text and code versions';
    return (0,markdown/* details */.zH)(title, body);
}
/** Files other than a model's own that are a cause, with the models that they are one for. */
function sharedFiles(rows) {
    const files = new Map();
    for (const row of rows) {
        for (const file of new Set(row.causes.map((cause) => cause.file))) {
            if (file === null || file === row.path)
                continue;
            files.set(file, [...(files.get(file) ?? []), row]);
        }
    }
    return [...files];
}
function nameText({ key }) {
    return (0,markdown/* code */.aY)((0,report_presentation/* keyText */.Pu)(key));
}
function versionText({ codeVersion, formattingOnly }) {
    const moved = `code version ${version(codeVersion.base)} → ${version(codeVersion.head)}`;
    return formattingOnly ? `${moved} · formatting only` : moved;
}
function version(value) {
    return value === null ? 'none' : (0,markdown/* code */.aY)(value);
}
function versionsTable(rows, more) {
    if (rows.length === 0)
        return null;
    return (0,markdown/* table */.tp)([more ? 'Other asset' : 'Asset', 'Code version of base', 'of head'], ['left', 'left', 'left'], rows.map((row) => [
        nameText(row),
        version(row.codeVersion.base),
        version(row.codeVersion.head),
    ]));
}
/** A diff as a fenced block of whole lines, and how many lines are left out. */
function diffText({ from, hunks }) {
    const lines = hunks.flatMap(({ header, lines }) => [header, ...lines]);
    const shown = lines.slice(0, sqlDiff_MOST_LINES).map((line) => (0,markdown/* visible */.RK)((0,markdown/* shorten */.ml)(line, sqlDiff_MOST_CHARACTERS)));
    const left = lines.length - shown.length;
    return (0,markdown/* stack */.t$)([
        from === null ? null : `Moved from ${(0,markdown/* code */.aY)(from)}.`,
        (0,markdown/* block */.om)(shown.join('\n'), 'diff'),
        left === 0
            ? null
            : `${(0,markdown/* counted */.hS)(left, 'more line')}${hunks.length > 1 ? ` of ${(0,markdown/* thousands */.oh)(hunks.length)} places` : ''}.`,
    ]);
}

;// CONCATENATED MODULE: ./src/report/document.ts













/** How much a document shows. A document that would be too long is made coarser, never cut. */
const TIERS = ['full', 'list', 'rollup', 'counts'];
/** Rows of a table that are open; the rest is folded, as nobody reads it all. */
const OPEN_ROWS = 20;
/** From the most to the least detailed. The last one has an upper bound whatever the report holds. */
const LEVELS = [
    { tier: 'full', texts: Number.POSITIVE_INFINITY },
    { tier: 'full', texts: 10 },
    { tier: 'list', linked: true },
    { tier: 'list', linked: false },
    { tier: 'rollup', rows: 50 },
    { tier: 'rollup', rows: 10 },
    { tier: 'counts' },
];
/**
 * The report as GitHub-flavoured markdown, in the most detailed tier that fits.
 *
 * @param fits whether a document is short enough for its place
 * @param atMost the most detailed tier to try
 */
function renderDocument(presentation, fits, atMost = 'full') {
    const draft = draftOf(presentation);
    const allowed = TIERS.slice(TIERS.indexOf(atMost));
    for (const level of LEVELS.slice(0, -1)) {
        if (!allowed.includes(level.tier))
            continue;
        const document = renderLevel(draft, level);
        if (fits(document))
            return { document, tier: level.tier };
    }
    return { document: renderLevel(draft, { tier: 'counts' }), tier: 'counts' };
}
/** The report in one tier, whether or not it fits anywhere. */
function renderTier(presentation, tier) {
    const level = LEVELS.find((candidate) => candidate.tier === tier);
    return renderLevel(draftOf(presentation), level);
}
function draftOf(presentation) {
    const rows = (0,report_rows/* arrangeRows */.eZ)(presentation.report);
    let rendered = null;
    const everyRow = () => {
        rendered ??= lists(presentation, rows, ALL);
        return rendered;
    };
    return { presentation, rows, everyRow };
}
function renderLevel(draft, level) {
    const { presentation } = draft;
    const { report } = presentation;
    const body = report.error === null
        ? comparison(draft, level)
        : [...failureSections(presentation), notes(report)];
    return (0,markdown/* stack */.t$)([title(presentation), ...body, footer(presentation)]);
}
function title(presentation) {
    const project = presentation.report.project;
    const name = project === '' ? '' : ` · ${(0,markdown/* code */.aY)((0,markdown/* shorten */.ml)(project, 200))}`;
    return `### Unsynced${name} · ${(0,sentences/* stateOf */.L4)(presentation)}`;
}
function comparison({ presentation, rows, everyRow }, level) {
    const { report } = presentation;
    const { counts } = report;
    if (counts === null)
        return [];
    const start = [
        document_wiring(report, level),
        [`**${(0,sentences/* headline */.Pl)(report)}**`, (0,sentences/* besides */.oN)(report), absentProject(report), comparedText(report)]
            .filter((part) => part !== '')
            .join(' '),
        judgement(presentation),
    ];
    if (report.assets.length === 0) {
        return [...start, (0,sentences/* aboutPrevious */.xJ)(presentation, pen/* MARKDOWN */.yQ), remarks_alert(report, rows), notes(report)];
    }
    const opening = [...start, countsTable(counts, report.integration.wired)];
    switch (level.tier) {
        case 'full':
            return [
                ...opening,
                remarks_alert(report, rows),
                ...everyRow(),
                sqlSection(presentation, rows, level.texts),
                lineageSection(report),
                (0,afterMerge/* afterMergeSection */.E)(presentation, rows),
                notes(report),
                level.texts === Number.POSITIVE_INFINITY ? null : elsewhere(presentation),
            ];
        case 'list':
            return [
                ...opening,
                remarks_alert(report, rows),
                ...(level.linked ? everyRow() : lists({ ...presentation, links: null }, rows, ALL)),
                (0,afterMerge/* afterMergeSection */.E)(presentation, rows),
                notes(report),
                elsewhere(presentation),
            ];
        case 'rollup':
            return [
                ...opening,
                remarks_alert(report, rows),
                causesTable(rows),
                ...lists(presentation, rows, level.rows),
                schemasSection(rows),
                (0,afterMerge/* afterMergeSection */.E)(presentation, rows),
                elsewhere(presentation),
            ];
        case 'counts':
            return [...opening, elsewhere(presentation)];
    }
}
const ALL = Number.POSITIVE_INFINITY;
function lists(presentation, rows, all) {
    return [
        unsyncedSection(presentation, rows, { open: OPEN_ROWS, all }),
        upgradedSection(presentation, rows, all),
        followingSection(presentation, rows, all),
        newAndRemovedSection(presentation, rows, all),
    ];
}
/** First of all, because the rows below mean something else without code versions. */
function document_wiring(report, { tier }) {
    const statement = (0,wiring/* wiringStatement */.Mt)(report);
    if (statement === null)
        return null;
    const remedy = tier === 'full' || tier === 'list' ? (0,wiring/* wiringRemedy */.fi)(report) : null;
    const advice = 'Add this where the definitions are made; docs/wiring.md of this action says more.';
    const how = remedy === null
        ? []
        : [(0,markdown/* details */.zH)('<b>How to wire it</b>', `${advice}\n\n${(0,markdown/* block */.om)(remedy, 'python')}`)];
    return [`**${(0,markdown/* prose */.CS)((0,markdown/* shorten */.ml)(statement, MOST_NOTE)).replace(':', ':**')}`, ...how].join('\n\n');
}
/** How many assets were looked at, where none is affected. */
function comparedText({ assets, counts }) {
    if (assets.length > 0 || counts === null || counts.head === null)
        return '';
    return `${(0,markdown/* counted */.hS)(counts.head, 'asset')} compared.`;
}
/** Why it passes or fails, and how to accept. */
function judgement(presentation) {
    return (0,markdown/* stack */.t$)([(0,sentences/* whyItFails */.hE)(presentation, pen/* MARKDOWN */.yQ), ...(0,sentences/* aboutAcceptance */.Z4)(presentation, pen/* MARKDOWN */.yQ)]);
}
/** Where to find what this document leaves out. */
function elsewhere({ report, links }) {
    const all = `All ${(0,markdown/* counted */.hS)(report.assets.length, 'row')}`;
    return links === null
        ? `${all} are in the JSON report.`
        : `${all}: ${(0,markdown/* link */.nf)('run summary', links.run)}, and the JSON report.`;
}

;// CONCATENATED MODULE: ./src/report/comment.ts

/** GitHub refuses bodies over 65,536 characters; bytes are bounded too, as other forges count them. */
const LIMIT_CHARACTERS = 60_000;
const LIMIT_BYTES = 200_000;
const MARKER_ALLOWANCE = 4000;
/**
 * The pull request comment without its marker.
 *
 * @param options.atMost the most detailed tier to try
 * @returns at most 56,000 characters: a document too long is made coarser, never cut
 */
function renderComment(presentation, options = {}) {
    return renderDocument(presentation, fitsComment, options.atMost);
}
/** Whether a document and its marker are short enough for a comment. */
function fitsComment(document) {
    return (document.length <= LIMIT_CHARACTERS - MARKER_ALLOWANCE &&
        Buffer.byteLength(document) <= LIMIT_BYTES - MARKER_ALLOWANCE);
}


/***/ }),

/***/ 285:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   CS: () => (/* binding */ prose),
/* harmony export */   O0: () => (/* binding */ encodePath),
/* harmony export */   RK: () => (/* binding */ visible),
/* harmony export */   aY: () => (/* binding */ code),
/* harmony export */   hS: () => (/* binding */ counted),
/* harmony export */   ml: () => (/* binding */ shorten),
/* harmony export */   nf: () => (/* binding */ link),
/* harmony export */   oh: () => (/* binding */ thousands),
/* harmony export */   om: () => (/* binding */ block),
/* harmony export */   t$: () => (/* binding */ stack),
/* harmony export */   tp: () => (/* binding */ table),
/* harmony export */   zH: () => (/* binding */ details)
/* harmony export */ });
/**
 * Escapes for GitHub-flavoured markdown. Names, paths and messages come from the pull request, so
 * every one of them goes through here.
 */
/** Control characters, bidi overrides and invisible marks, as what they are: `\u{202e}`. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;
/** One line of visible text; tabs and line breaks become blanks. */
function visible(text) {
    return text
        .replaceAll(/[\t\r\n]+/g, ' ')
        .replaceAll(HIDDEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
/** A code span that also stays whole in a table cell. Nothing in it is a mention or a link. */
function code(text) {
    const shown = visible(text) || ' ';
    const runs = shown.match(/`+/g) ?? [];
    const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
    const padded = /^[` ]|[` ]$/.test(shown) ? ` ${shown} ` : shown;
    // A table splits at every unescaped pipe, also within a code span (GFM, example 200), and readers
    // of markdown disagree on whether two backslashes escape it.
    const whole = padded.replaceAll(/(?<=\\)\|/g, '\u{200b}|').replaceAll('|', '\\|');
    return `${fence}${whole}${fence}`;
}
/** A fenced block that its text cannot close. */
function block(text, language) {
    const lines = text.split(/\r\n|\r|\n/).map((line) => visible(line));
    const runs = text.match(/`{3,}/g) ?? [];
    const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
    return [`${fence}${language}`, ...lines, fence].join('\n');
}
/**
 * A link whose text is already markdown and whose address is ours, with encoded parts. A name with
 * backticks is not linked: readers of markdown disagree on where such a text ends.
 */
function link(text, url) {
    if (text.includes('``'))
        return text;
    return `[${text}](${url})`;
}
/** A path as part of an address: everything that markdown or a browser could read differently. */
function encodePath(path) {
    return path.split('/').map(encodeSegment).join('/');
}
function encodeSegment(segment) {
    return encodeURIComponent(segment.toWellFormed()).replaceAll(/[!'()*~_]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
/** A table; every cell is markdown already. */
function table(headers, alignment, rows) {
    const line = (cells) => `| ${cells.join(' | ')} |`;
    const rule = alignment.map((side) => (side === 'right' ? '--:' : '---'));
    return [line(headers), line(rule), ...rows.map(line)].join('\n');
}
/** A folded section. Its blank lines are what makes GitHub read the content as markdown. */
function details(summary, content) {
    return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}
/** `1 asset`, `2 assets`, `1,234 assets`. */
function counted(count, noun) {
    return `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`;
}
/** Independent of the machine's locale. */
function thousands(count) {
    return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
/**
 * A sentence of running text. Only plain `code spans` keep their meaning; whatever else a name in
 * it could mean to GitHub (links, mentions, references, HTML, emphasis) is taken away.
 */
function prose(text) {
    // Blanks at the start of a line would make it code, or hide what else it starts with.
    const shown = visible(text).trim();
    const runs = shown.match(/`+/g) ?? [];
    const paired = runs.length % 2 === 0 && runs.every((run) => run.length === 1);
    const pieces = paired ? shown.split('`') : [shown];
    return pieces.map((piece, index) => (index % 2 === 1 ? code(piece) : inert(piece))).join('');
}
/**
 * What GitHub makes of plain text: emphasis, entities, references (`#1`, `GH-1`, commit SHAs), links
 * (`https://`, `www.`), mentions, `:emoji:`, and what starts a list, underlines a
 * heading or rules a table at the start of a line.
 */
function inert(text) {
    return text
        .replaceAll(/[\\`*_{}[\]<>|~$&]/g, '\\$&')
        .replaceAll(/[@#]|:(?=\/\/|[\w+-]+:)|www(?=\.)|-(?=\d)/gi, '$&\u{200b}')
        .replaceAll(/[0-9a-f]{6}(?=[0-9a-f])/gi, '$&\u{200b}')
        .replace(/^[-+=#:]|^\d+(?=[.)])/, '\u{200b}$&');
}
/**
 * At most `most` characters of a text, and how many more there are. For plain text that is not yet
 * escaped: what is already markdown is never shortened.
 */
function shorten(text, most) {
    if (text.length <= most)
        return text;
    // A code point takes one or two units, so this is enough to count from, and splits none of them.
    const kept = [...text.slice(0, 2 * most)].slice(0, most).join('');
    const left = text.length - kept.length;
    return left === 0 ? text : `${kept}… (${thousands(left)} more characters)`;
}
/** The parts that there are, one after the other with a blank line between. */
function stack(parts) {
    return parts.filter((part) => part !== null && part !== '').join('\n\n');
}


/***/ }),

/***/ 489:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   H$: () => (/* binding */ few),
/* harmony export */   tZ: () => (/* binding */ PLAIN),
/* harmony export */   yQ: () => (/* binding */ MARKDOWN)
/* harmony export */ });
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(285);

/** No sentence gets out of hand because of one name in it. */
const MOST_CHARACTERS = 300;
const MARKDOWN = {
    code: (text) => (0,_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)((0,_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .shorten */ .ml)(text, MOST_CHARACTERS)),
    strong: (text) => `**${text}**`,
};
const PLAIN = {
    code: (text) => (0,_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .visible */ .RK)((0,_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .shorten */ .ml)(text, MOST_CHARACTERS)),
    strong: (text) => text,
};
/** The first few of a list, and how many more there are. */
function few(items, most) {
    const shown = items.slice(0, most);
    const rest = items.length - shown.length;
    if (rest > 0)
        return `${shown.join(', ')} and ${rest} more`;
    const last = shown.at(-1) ?? '';
    return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}


/***/ }),

/***/ 379:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Dw: () => (/* binding */ NO_SOURCES),
/* harmony export */   Pu: () => (/* binding */ keyText),
/* harmony export */   iw: () => (/* binding */ fileUrl),
/* harmony export */   uS: () => (/* binding */ kindText)
/* harmony export */ });
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(285);

const NO_SOURCES = {
    diffs: new Map(),
    modelLines: new Map(),
    forwardOnly: new Set(),
};
/** An asset key as people write it. */
function keyText(key) {
    return key.join('/');
}
/** `INCREMENTAL_BY_TIME_RANGE` → `incremental by time range`. */
function kindText(asset) {
    return (asset.modelKind ?? (asset.model === null ? 'not SQLMesh' : 'unknown'))
        .toLowerCase()
        .replaceAll('_', ' ')
        .replace(/^scd /, 'SCD ');
}
/** Address of a file of one commit. */
function fileUrl(links, path, side) {
    return `${links.repository}/blob/${links[side]}/${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .encodePath */ .O0)(path)}`;
}


/***/ }),

/***/ 156:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  CW: () => (/* binding */ FIRST_CODE_VERSION),
  W7: () => (/* binding */ comparisonReport),
  hA: () => (/* binding */ describeAssets),
  ZV: () => (/* binding */ errorReport)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(598);
;// CONCATENATED MODULE: ./src/report/fingerprint.ts

const ROW_CHARACTERS = 4;
/** Names exactly this set of changes, so that it can be accepted and recognised. Empty if none. */
function fingerprintOf(assets) {
    const rows = changed(assets).map(rowOf);
    return rows.length === 0 ? '' : digest(JSON.stringify(rows));
}
/** One name for the changes of several projects; that of the only one that has any. */
function fingerprintOfAll(reports) {
    const changing = reports.filter(({ fingerprint }) => fingerprint !== '');
    if (changing.length <= 1)
        return changing[0]?.fingerprint ?? '';
    const named = changing.map(({ project, fingerprint }) => [project, fingerprint]);
    return digest(JSON.stringify(named.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))));
}
/** Four characters a row of the fingerprint, enough to tell later which rows are new. */
function rowDigests(assets) {
    return changed(assets).map(rowDigest).join('');
}
/**
 * Assets whose row was not among those remembered.
 *
 * @param remembered of `rowDigests`; null = not remembered, so none can be told
 */
function newSince(remembered, assets) {
    if (remembered === null)
        return [];
    const known = new Set(remembered.match(new RegExp(`.{${ROW_CHARACTERS}}`, 'g')) ?? []);
    return changed(assets)
        .filter((asset) => !known.has(rowDigest(asset)))
        .map((asset) => asset.key);
}
/** What follows upstream follows from the other rows, and is a prediction besides. */
function changed(assets) {
    return assets.filter((asset) => asset.status !== 'afterUpstream');
}
function rowOf(asset) {
    return [asset.key, asset.status, asset.reasons, asset.codeVersion, asset.parents];
}
function rowDigest(asset) {
    const whole = createHash('sha256')
        .update(JSON.stringify(rowOf(asset)))
        .digest('base64url');
    return whole.slice(0, ROW_CHARACTERS);
}
function digest(text) {
    return (0,external_node_crypto_.createHash)('sha256').update(text).digest('hex').slice(0, 12);
}

;// CONCATENATED MODULE: ./src/report/report.ts

/** Joins Dagster's side of each affected asset (what happens) with SQLMesh's (why). */
function describeAssets(impacts, changes, base, head) {
    const models = new Map([...(base?.models ?? []), ...(head?.models ?? [])].map((model) => [model.fqn, model]));
    const before = new Map(base?.models.map((model) => [model.fqn, model.dataHash]));
    const stays = (fqn) => before.get(fqn) === models.get(fqn)?.dataHash;
    return impacts.map((impact) => {
        const model = models.get(impact.models[0] ?? '');
        const explained = impact.reasons.includes('code')
            ? impact.models.flatMap((fqn) => changes.get(fqn) ?? [])
            : [];
        return {
            key: impact.key,
            model: impact.models[0] ?? null,
            status: impact.status,
            reasons: impact.reasons,
            codeVersion: impact.codeVersion,
            parents: impact.parents,
            causes: causesOf(impact, explained, model?.path ?? null, stays),
            formattingOnly: explained.length > 0 && explained.every((change) => change.formattingOnly),
            modelKind: model?.kind ?? null,
            path: model?.path ?? null,
            wave: impact.wave,
            waitsFor: impact.waitsFor,
            confidence: impact.confidence,
        };
    });
}
/** Detail of the cause of an asset that had no code version before, and whose model stays. */
const FIRST_CODE_VERSION = 'first code version, base has none';
/** A changed code version always has a cause, if only that none is known. */
function causesOf(impact, explained, file, stays) {
    const causes = explained.flatMap((change) => change.causes);
    if (causes.length > 0 || !impact.reasons.includes('code'))
        return causes;
    const unknown = (detail) => [{ kind: 'unknown', detail, file }];
    if (impact.codeVersion.base === null)
        return unknown(FIRST_CODE_VERSION);
    return impact.models.every(stays)
        ? unknown('code version set by the definitions, not by SQLMesh')
        : unknown('another model is behind this asset now');
}
/** The report of a comparison that was made. */
function comparisonReport({ subject, notices }, assets, models, conclusion) {
    const count = (status) => assets.filter((asset) => asset.status === status).length;
    return {
        schemaVersion: 1,
        result: count('unsynced') > 0 ? 'unsynced' : 'synced',
        conclusion,
        fingerprint: fingerprintOf(assets),
        ...subject,
        counts: {
            ...models,
            unsynced: count('unsynced'),
            afterUpstream: count('afterUpstream'),
            new: count('new'),
            removed: count('removed'),
            formattingOnly: assets.filter((asset) => asset.formattingOnly).length,
        },
        assets,
        notices,
        error: null,
    };
}
/** The report of a run that could not tell. Always a failure. */
function errorReport({ subject, notices }, failure) {
    const { side, code, message, hint, file } = failure;
    return {
        schemaVersion: 1,
        result: 'error',
        conclusion: 'failure',
        fingerprint: '',
        ...subject,
        counts: null,
        assets: [],
        notices,
        error: { side, code, message, hint, file },
    };
}


/***/ }),

/***/ 425:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   eZ: () => (/* binding */ arrangeRows),
/* harmony export */   y: () => (/* binding */ cost),
/* harmony export */   zN: () => (/* binding */ COSTS)
/* harmony export */ });
/* unused harmony exports rowsOf, isUpgradeRow, isFirstVersion */
/* harmony import */ var _dagster_assetKeys_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(540);
/* harmony import */ var _verdict_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(138);
/* harmony import */ var _report_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(156);



/** Sorts a report's assets for its readers. Takes time in proportion to what follows from what. */
function arrangeRows(report) {
    const after = knockOn(report);
    const knock = (asset) => after.get(asset) ?? 0;
    const having = (status) => report.assets.filter((asset) => asset.status === status);
    const unsynced = having('unsynced').sort((a, b) => cost(a) - cost(b) || knock(b) - knock(a) || (0,_dagster_assetKeys_js__WEBPACK_IMPORTED_MODULE_0__/* .compareKeys */ .YD)(a.key, b.key));
    return {
        changed: unsynced.filter((asset) => !isUpgradeRow(asset) && !isFirstVersion(asset)),
        upgraded: unsynced.filter(isUpgradeRow),
        first: unsynced.filter(isFirstVersion),
        following: having('afterUpstream').sort((a, b) => a.wave - b.wave || (0,_dagster_assetKeys_js__WEBPACK_IMPORTED_MODULE_0__/* .compareKeys */ .YD)(a.key, b.key)),
        added: having('new'),
        removed: having('removed'),
        knockOn: knock,
    };
}
/** Rows of one status; unsynced ones dearest first, and within a cost those that most follows from. */
function rowsOf(report, status) {
    const rows = arrangeRows(report);
    switch (status) {
        case 'unsynced':
            return [...rows.changed, ...rows.upgraded, ...rows.first];
        case 'afterUpstream':
            return rows.following;
        case 'new':
            return rows.added;
        case 'removed':
            return rows.removed;
    }
}
/** What materializing a kind again costs, most expensive first. */
const COSTS = ['incremental', 'full', 'seed', 'view'];
/** Index into `COSTS`. A kind that is not known may be as dear as a full one. */
function cost(asset) {
    if ((0,_verdict_js__WEBPACK_IMPORTED_MODULE_1__/* .isIncremental */ .bS)(asset.modelKind))
        return 0;
    switch (asset.modelKind) {
        case 'SEED':
            return 2;
        case 'VIEW':
        case 'EMBEDDED':
            return 3;
        default:
            return 1;
    }
}
/** Unsynced by an upgrade of SQLMesh alone: nothing about the asset changed, and many move at once. */
function isUpgradeRow({ status, reasons, causes }) {
    return (status === 'unsynced' &&
        causes.length > 0 &&
        reasons.every((reason) => reason === 'code') &&
        causes.every(({ kind }) => kind === 'sqlmesh-upgrade'));
}
/**
 * True if nothing but the wiring changed: the asset gets its first code version. A change of the
 * wiring does this to all assets at once, so that listing them would bury the rest.
 */
function isFirstVersion({ causes, parents }) {
    return (causes.length > 0 &&
        causes.every(({ detail }) => detail === _report_js__WEBPACK_IMPORTED_MODULE_2__/* .FIRST_CODE_VERSION */ .CW) &&
        parents.added.length + parents.removed.length === 0);
}
function knockOn({ assets }) {
    const indices = new Map(assets.map((asset, index) => [(0,_dagster_assetKeys_js__WEBPACK_IMPORTED_MODULE_0__/* .keyId */ .xs)(asset.key), index]));
    const children = assets.map(() => []);
    assets.forEach((asset, index) => {
        for (const parent of asset.waitsFor) {
            const from = indices.get((0,_dagster_assetKeys_js__WEBPACK_IMPORTED_MODULE_0__/* .keyId */ .xs)(parent));
            if (from !== undefined)
                children[from]?.push(index);
        }
    });
    const seenBy = new Int32Array(assets.length).fill(-1);
    return new Map(assets.map((asset, index) => [asset, reachable(index, children, seenBy)]));
}
/** How many other nodes can be reached from one. `seenBy` is shared, so that nothing is cleared. */
function reachable(start, children, seenBy) {
    seenBy[start] = start;
    const open = [start];
    let count = -1;
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
        count += 1;
        for (const child of children[index] ?? []) {
            if (seenBy[child] !== start) {
                seenBy[child] = start;
                open.push(child);
            }
        }
    }
    return count;
}


/***/ }),

/***/ 20:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   L4: () => (/* binding */ stateOf),
/* harmony export */   Pl: () => (/* binding */ headline),
/* harmony export */   Z4: () => (/* binding */ aboutAcceptance),
/* harmony export */   d5: () => (/* binding */ upgradeAdvice),
/* harmony export */   hE: () => (/* binding */ whyItFails),
/* harmony export */   oN: () => (/* binding */ besides),
/* harmony export */   xJ: () => (/* binding */ aboutPrevious),
/* harmony export */   y5: () => (/* binding */ formattingAdvice)
/* harmony export */ });
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(285);
/* harmony import */ var _pen_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(489);
/* harmony import */ var _presentation_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(379);



/** The state of a report in the words that its title ends with. */
function stateOf({ report, verdict, acceptance }) {
    if (report.counts === null)
        return 'could not compare';
    if (verdict?.conclusion === 'failure') {
        return acceptance?.state === 'accepted' ? 'accepted' : 'action needed';
    }
    if (report.assets.length === 0)
        return 'no assets affected';
    return `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(report.counts.unsynced, 'asset')} will become unsynced`;
}
/** What happens, in one sentence that stands alone. */
function headline(report) {
    const { counts, integration } = report;
    if (counts === null)
        return 'No comparison was made, so the impact of this push is unknown.';
    if (report.assets.length === 0)
        return 'No asset’s code version or dependencies change.';
    const { unsynced, afterUpstream } = counts;
    if (integration.wired === 'no' && unsynced > 0)
        return unwiredHeadline(report, counts);
    const later = `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .thousands */ .oh)(afterUpstream)} more after their upstream materializes`;
    if (unsynced === 0 && afterUpstream === 0)
        return 'No asset will become unsynced.';
    if (unsynced === 0) {
        return `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(afterUpstream, 'asset')} will become unsynced after upstream materializes.`;
    }
    const now = `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(unsynced, 'asset')} will become unsynced when this deploys`;
    return afterUpstream === 0 ? `${now}.` : `${now}, ${later}.`;
}
/** Where no code version reaches Dagster, only changed dependencies show. */
function unwiredHeadline({ assets }, { unsynced, afterUpstream }) {
    const shown = assets.filter(({ reasons }) => reasons.includes('dependencies')).length;
    const change = `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(unsynced, 'asset')} ${unsynced === 1 ? 'changes' : 'change'}`;
    const those = shown === 1 ? 'the one whose' : `the ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .thousands */ .oh)(shown)} whose`;
    const show = shown === 0 ? 'none of them' : `only ${those} dependencies change`;
    const later = afterUpstream === 0 ? '' : ` ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .thousands */ .oh)(afterUpstream)} more follow upstream runs.`;
    return `${change}; Dagster will show ${show} as unsynced.${later}`;
}
/** What else the deploy does: new and removed assets; '' if nothing. */
function besides({ counts }) {
    if (counts === null)
        return '';
    const { new: added, removed } = counts;
    const parts = [
        added > 0 ? `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(added, 'asset')} ${added === 1 ? 'is' : 'are'} new` : '',
        removed > 0 ? `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(removed, 'asset')} ${removed === 1 ? 'is' : 'are'} removed` : '',
    ].filter((part) => part !== '');
    return parts.length === 0 ? '' : `${parts.join(', ')}.`;
}
/** Why the check fails; null when it passes. */
function whyItFails(presentation, pen = _pen_js__WEBPACK_IMPORTED_MODULE_0__/* .PLAIN */ .tZ) {
    const { report, verdict, failOn, acceptance } = presentation;
    if (report.counts === null) {
        return 'The check fails on purpose: it could not tell. It is not saying that assets are affected.';
    }
    if (verdict?.conclusion !== 'failure' || acceptance?.state === 'accepted')
        return null;
    const rules = verdict.matched.map(({ rule, assets }) => `${rule} ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .thousands */ .oh)(assets)}`);
    const policy = pen.code(`fail-on: ${failOn.join(', ')}`);
    const by = verdict.matched.length > 1 ? ` (${rules.join(', ')})` : '';
    return `${pen.strong('The check fails:')} ${policy} matches ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(verdict.assets, 'asset')}${by}.`;
}
/** Names in a list of assets that were not there when something was accepted. */
const MOST_NEW = 10;
/** What was accepted, and how to accept: a sentence or two each. Empty when the policy asks for nothing. */
function aboutAcceptance(presentation, pen = _pen_js__WEBPACK_IMPORTED_MODULE_0__/* .PLAIN */ .tZ) {
    const { report, verdict, acceptance, acceptLabel } = presentation;
    if (verdict?.conclusion !== 'failure')
        return [];
    const now = pen.code(report.fingerprint);
    const who = acceptance?.by ? `by ${pen.code(acceptance.by)}` : 'in the description';
    const when = acceptance?.at ? ` at ${timeText(acceptance.at, pen)}` : '';
    if (acceptance?.state === 'accepted') {
        const passes = `${pen.strong('The check passes:')} accepted ${who} for ${now}${when}.`;
        return [`${passes} A push that changes the set asks again.`];
    }
    const label = pen.code(acceptLabel);
    const ask = acceptLabel === ''
        ? []
        : [
            `To accept exactly these changes (${now}), a maintainer ${acceptance === null ? `adds the label ${label}` : `takes the label ${label} away and adds it again`}. A push that changes the set asks again.`,
        ];
    if (acceptance === null)
        return ask;
    const was = acceptance.fingerprint === ''
        ? 'was given before there was anything to accept'
        : `was for ${pen.code(acceptance.fingerprint)}, and this is ${now}`;
    const rows = acceptance.newAssets.map((key) => pen.code((0,_presentation_js__WEBPACK_IMPORTED_MODULE_1__/* .keyText */ .Pu)(key)));
    const news = rows.length === 0 ? '' : ` New since then: ${(0,_pen_js__WEBPACK_IMPORTED_MODULE_0__/* .few */ .H$)(rows, MOST_NEW)}.`;
    return [`${pen.strong('The acceptance is void:')} given ${who}${when}, it ${was}.${news}`, ...ask];
}
/** `2026-11-23T09:12:44Z` → `2026-11-23 09:12 UTC`; anything else as it is. */
function timeText(time, pen) {
    const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?Z$/.exec(time);
    return match === null ? pen.code(time) : `${match[1]} ${match[2]} UTC`;
}
/** What an earlier push did; null if that is not known. */
function aboutPrevious(presentation, pen = _pen_js__WEBPACK_IMPORTED_MODULE_0__/* .PLAIN */ .tZ) {
    const { report, previous } = presentation;
    if (previous === null)
        return null;
    const commit = pen.code(previous.head.slice(0, 7));
    const assets = (0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(previous.unsynced, 'asset');
    return report.counts === null
        ? `The last good result was ${assets} for ${commit}. It does not cover this push.`
        : `An earlier push (${commit}) made ${assets} unsynced; the current push affects none.`;
}
/** What a formatting-only change means and what to do; null if there is none. */
function formattingAdvice({ changed, knockOn }, { integration }, pen = _pen_js__WEBPACK_IMPORTED_MODULE_0__/* .PLAIN */ .tZ) {
    const reformatted = changed.filter(({ formattingOnly }) => formattingOnly);
    // Without a code version Dagster flags nothing, so that there is nothing to undo.
    if (reformatted.length === 0 || integration.wired === 'no')
        return null;
    const one = reformatted.length === 1;
    const what = `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(reformatted.length, 'asset')} ${one ? 'changes' : 'change'} in formatting only`;
    const names = (0,_pen_js__WEBPACK_IMPORTED_MODULE_0__/* .few */ .H$)(reformatted.map(({ key }) => pen.code((0,_presentation_js__WEBPACK_IMPORTED_MODULE_1__/* .keyText */ .Pu)(key))), 3);
    const [it, yields, them] = one ? ['It', 'yields', 'it'] : ['They', 'yield', 'them'];
    const alone = reformatted.every((row) => knockOn(row) === 0);
    const end = alone ? ' Nothing downstream follows from it.' : '';
    return `${pen.strong(`${what}:`)} ${names}. ${it} ${yields} the same data, but the code version is a hash of the text, so Dagster will flag ${them}. Undo the reformatting, or materialize ${them} once.${end}`;
}
/** What an upgrade of SQLMesh does to assets that nobody edited; null if it does nothing to them. */
function upgradeAdvice(upgraded, { counts, sqlmesh }, pen = _pen_js__WEBPACK_IMPORTED_MODULE_0__/* .PLAIN */ .tZ) {
    const count = upgraded.length;
    if (count === 0 || counts === null)
        return null;
    const versions = sqlmesh.base !== null && sqlmesh.head !== null && sqlmesh.base !== sqlmesh.head
        ? ` from ${pen.code(sqlmesh.base)} to ${pen.code(sqlmesh.head)}`
        : '';
    const rest = counts.unsynced - count;
    const share = rest === 0
        ? `${count === 1 ? 'the one asset' : `all ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(count, 'asset')}`}`
        : `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .thousands */ .oh)(count)} of the ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .counted */ .hS)(counts.unsynced, 'asset')}`;
    const real = rest === 0 ? '' : `; the other ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .thousands */ .oh)(rest)} ${rest === 1 ? 'is' : 'are'} listed first`;
    return `${pen.strong(`The SQLMesh upgrade alone explains ${share}.`)} SQLMesh changes${versions}, and the files of these models are the same on both sides. Consider merging the upgrade on its own${real}.`;
}


/***/ }),

/***/ 727:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  b: () => (/* binding */ renderTerminal)
});

// EXTERNAL MODULE: ./src/report/afterMerge.ts + 1 modules
var afterMerge = __nccwpck_require__(302);
// EXTERNAL MODULE: ./src/report/causes.ts
var report_causes = __nccwpck_require__(304);
// EXTERNAL MODULE: ./src/report/markdown.ts
var markdown = __nccwpck_require__(285);
;// CONCATENATED MODULE: ./src/report/wrap.ts
/** Characters that take two columns (Unicode, East Asian Width W and F; and emoji). */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
/** Columns that a text takes in a terminal. */
function columnsOf(text) {
    let columns = 0;
    for (const char of text.replaceAll(/\p{M}/gu, ''))
        columns += WIDE.test(char) ? 2 : 1;
    return columns;
}
/**
 * One line of text, broken at blanks. A word longer than a line stays whole, so that names and
 * paths can be copied.
 *
 * @param width columns of the terminal
 * @param indent blanks before the first line
 * @param hanging blanks before those after it
 */
function wrap(text, width, indent = 0, hanging = indent) {
    const lines = [];
    let line = ' '.repeat(indent);
    let columns = indent;
    let empty = true;
    for (const word of text.split(' ')) {
        const needed = columnsOf(word);
        if (!empty && columns + 1 + needed > width) {
            lines.push(line);
            line = ' '.repeat(hanging);
            columns = hanging;
            empty = true;
        }
        line += empty ? word : ` ${word}`;
        columns += needed + (empty ? 0 : 1);
        empty = false;
    }
    return [...lines, line].join('\n');
}

;// CONCATENATED MODULE: ./src/report/page.ts


const LABELS = { info: 'note', warning: 'warning', error: 'error' };
/** Starting and ending code of each style (ECMA-48, SGR). */
const STYLES = { bold: [1, 22], dim: [2, 22], yellow: [33, 39], red: [31, 39] };
const LABEL_STYLES = { info: 'dim', warning: 'yellow', error: 'red' };
function pageFor({ colour, width }) {
    const paint = (style, painted) => {
        const [start, end] = STYLES[style];
        return colour && painted !== '' ? `\u001b[${start}m${painted}\u001b[${end}m` : painted;
    };
    const text = (words, indent = 0, hanging = indent) => words
        .split('\n')
        .map((line, index) => wrap((0,markdown/* visible */.RK)(line), width, index === 0 ? indent : hanging, hanging))
        .join('\n');
    return {
        text,
        bold: (words) => paint('bold', text(words)),
        dim: (words) => paint('dim', text(words)),
        labelled: (level, words) => {
            const label = LABELS[level];
            return paint(LABEL_STYLES[level], label) + text(`${label} ${words}`, 0, 2).slice(label.length);
        },
    };
}

// EXTERNAL MODULE: ./src/report/pen.ts
var pen = __nccwpck_require__(489);
// EXTERNAL MODULE: ./src/report/presentation.ts
var report_presentation = __nccwpck_require__(379);
// EXTERNAL MODULE: ./src/report/rows.ts
var report_rows = __nccwpck_require__(425);
// EXTERNAL MODULE: ./src/report/sentences.ts
var sentences = __nccwpck_require__(20);
// EXTERNAL MODULE: ./src/report/wiring.ts
var wiring = __nccwpck_require__(698);
;// CONCATENATED MODULE: ./src/report/terminal.ts









/** Rows of one list. The JSON report has all of them. */
const MOST_ROWS = 100;
/** The report for a terminal: the same facts as the comment, in plain lines. */
function renderTerminal(presentation, terminal) {
    const { report } = presentation;
    const page = pageFor(terminal);
    const parts = [
        page.bold(`Unsynced · ${(0,markdown/* visible */.RK)(report.project)} · ${(0,sentences/* stateOf */.L4)(presentation)}`),
        ...unwired(report, page),
        opening(presentation, page),
        ...(report.error === null ? comparison(presentation, page) : failure(report, page)),
        page.text((0,sentences/* aboutPrevious */.xJ)(presentation) ?? ''),
        ...notesOf(report).map(({ level, message }) => page.labelled(level, message)),
        page.dim(footer(report)),
    ];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
function unwired(report, page) {
    const statement = (0,wiring/* wiringStatement */.Mt)(report);
    if (statement === null)
        return [];
    const remedy = (0,wiring/* wiringRemedy */.fi)(report)?.replaceAll(/^(?=.)/gm, '    ');
    const how = remedy === undefined ? [] : [`Add this where the definitions are made:\n\n${remedy}`];
    return [page.labelled('warning', statement), ...how];
}
function opening(presentation, page) {
    const { report } = presentation;
    const absent = report.notices.filter((notice) => notice.code === 'project-absent');
    const first = [(0,sentences/* headline */.Pl)(report), (0,sentences/* besides */.oN)(report), ...absent.map(({ message }) => message)];
    const lines = [
        first.filter((part) => part !== '').join(' '),
        (0,sentences/* whyItFails */.hE)(presentation),
        ...(presentation.acceptance === null ? [] : (0,sentences/* aboutAcceptance */.Z4)(presentation)),
    ];
    return lines
        .filter((line) => line !== null)
        .map((line) => page.text(line))
        .join('\n');
}
/** What the opening has not said already. */
function notesOf({ notices }) {
    return notices.filter(({ code }) => code !== 'project-absent' && code !== 'sqlmesh-upgrade');
}
function comparison(presentation, page) {
    const { report, sources } = presentation;
    const rows = (0,report_rows/* arrangeRows */.eZ)(report);
    const upgrade = (0,sentences/* upgradeAdvice */.d5)(rows.upgraded, report);
    const formatting = (0,sentences/* formattingAdvice */.y5)(rows, report);
    const kind = (row) => sources.forwardOnly.has(row.model ?? '') ? `${(0,report_presentation/* kindText */.uS)(row)}, forward-only` : (0,report_presentation/* kindText */.uS)(row);
    const list = (title, shown, say) => section(page, title, shown, (row) => [`${(0,report_presentation/* keyText */.Pu)(row.key)}  (${kind(row)})`, ...say(row)]);
    const when = report.integration.wired === 'no' ? 'Unsynced once wired' : 'Unsynced on deploy';
    return [
        list(rows.upgraded.length === 0 ? when : `${when} by changed files`, rows.changed, (row) => whyLines(row, rows)),
        list('Unsynced by the SQLMesh upgrade, file unchanged', rows.upgraded, () => []),
        page.text((0,wiring/* firstVersionsStatement */.ts)(rows) ?? ''),
        list('After upstream materializes, a prediction', rows.following, (row) => [
            `waits for ${(0,pen/* few */.H$)(row.waitsFor.map(report_presentation/* keyText */.Pu), 3)} · ${(0,markdown/* counted */.hS)(row.wave, 'hop')} · ${row.confidence}`,
        ]),
        list('New', rows.added, () => [
            'Never materialized until its first run, which is not Unsynced',
        ]),
        list('Removed', rows.removed, () => ['Gone from the definitions']),
        upgrade === null ? '' : page.labelled('warning', upgrade),
        formatting === null ? '' : page.labelled('warning', formatting),
        terminal_afterMerge(presentation, rows, page),
    ];
}
function whyLines(row, { knockOn }) {
    const followers = knockOn(row);
    const causes = (0,report_causes/* whyOf */.gf)(row).map((why) => {
        const text = (0,report_causes/* whyText */.ss)(why, pen/* PLAIN */.tZ);
        return why.file === null ? text : `${text} (${why.file})`;
    });
    const parents = (0,report_causes/* dependenciesText */.nu)(row, pen/* PLAIN */.tZ);
    return [
        ...causes,
        ...(parents === null ? [] : [parents]),
        ...(followers === 0 ? [] : [`then ${(0,markdown/* counted */.hS)(followers, 'asset')} after it materializes`]),
    ];
}
function section(page, title, rows, linesOf) {
    if (rows.length === 0)
        return '';
    const lines = rows.slice(0, MOST_ROWS).flatMap((row) => {
        const [name = '', ...more] = linesOf(row);
        return [page.text(name, 2, 6), ...more.map((line) => page.text(line, 4, 6))];
    });
    const left = rows.length - MOST_ROWS;
    const rest = left > 0 ? [page.text(`and ${(0,markdown/* thousands */.oh)(left)} more in the JSON report`, 2)] : [];
    return [page.bold(`${title} (${(0,markdown/* thousands */.oh)(rows.length)})`), ...lines, ...rest].join('\n');
}
function terminal_afterMerge(presentation, rows, page) {
    const steps = (0,afterMerge/* stepsAfterMerge */.S)(presentation, rows, pen/* PLAIN */.tZ);
    if (steps.length === 0)
        return '';
    const lines = steps.flatMap(({ text, commands }, index) => [
        page.text(`${index + 1}. ${text}`, 2, 5),
        // Not wrapped: a command with a line break in it is two commands.
        ...commands.map((command) => `     ${(0,markdown/* visible */.RK)(command)}`),
    ]);
    return [page.bold('After merge'), ...lines].join('\n');
}
function failure({ error }, page) {
    if (error === null)
        return [];
    const where = [error.side ?? '', error.file ?? ''].filter((part) => part !== '').join(', in ');
    const text = (0,markdown/* shorten */.ml)(error.message, 10_000);
    const message = page.labelled('error', where === '' ? text : `${where}: ${text}`);
    return error.hint === null ? [message] : [message, page.text(`What to do: ${error.hint}`)];
}
function footer({ base, head, sqlmesh, integration, counts }) {
    const commit = ({ sha, ref }) => `${sha?.slice(0, 7) ?? 'unknown'}${ref === null ? '' : ` (${ref})`}`;
    return [
        base.sha === null ? '' : `Compared ${commit(base)} with ${commit(head)}`,
        sizes(counts),
        sqlmesh.head === null ? '' : `SQLMesh ${sqlmesh.head}`,
        integration.name === null ? '' : `keys of ${integration.name}`,
    ]
        .filter((part) => part !== '')
        .join(' · ');
}
function sizes(counts) {
    if (counts === null || counts.base === null || counts.head === null)
        return '';
    return `${(0,markdown/* thousands */.oh)(counts.base)} → ${(0,markdown/* counted */.hS)(counts.head, 'asset')}`;
}


/***/ }),

/***/ 698:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Mt: () => (/* binding */ wiringStatement),
/* harmony export */   fi: () => (/* binding */ wiringRemedy),
/* harmony export */   ts: () => (/* binding */ firstVersionsStatement)
/* harmony export */ });
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(285);

/** What to say first where the code versions do not reach Dagster; null where they may. */
function wiringStatement({ integration, counts }) {
    if (integration.wired !== 'no' || counts === null)
        return null;
    const name = integration.name === null || integration.name === 'custom'
        ? 'The definitions give'
        : `${[integration.name, integration.version].filter((part) => part !== null).join(' ')} gives`;
    return `Dagster will not show changes of code here: ${name} no SQLMesh asset a code version. Dagster only shows changed dependencies.`;
}
/** Python that hands each model's data hash to Dagster; null where it depends on one's own code. */
function wiringRemedy({ integration }) {
    switch (integration.name) {
        case 'dg-sqlmesh':
            return DG_SQLMESH;
        case 'dagster-sqlmesh':
            return DAGSTER_SQLMESH;
        default:
            return null;
    }
}
/** dg-sqlmesh 1.x keeps the data hash in the metadata of each asset. */
const DG_SQLMESH = `def with_code_version(spec):
    entry = spec.metadata.get("code_version")
    data_hash = getattr(entry, "value", entry)
    return spec.replace_attributes(code_version=str(data_hash)) if data_hash else spec


defs = defs.map_resolved_asset_specs(func=with_code_version)`;
/** dagster-sqlmesh keeps nothing of it, so SQLMesh is asked; \`config\` is its SQLMeshContextConfig. */
const DAGSTER_SQLMESH = `from sqlmesh import Context

translator = config.get_translator()
context = Context(paths=config.path, gateway=config.gateway)
hashes = {translator.get_asset_key(context, m.fqn): m.data_hash for m in context.models.values()}


def with_code_version(spec):
    return spec.replace_attributes(code_version=hashes.get(spec.key, spec.code_version))


defs = defs.map_resolved_asset_specs(func=with_code_version)`;
/** One sentence for all assets whose only change is their first code version; null if there are none. */
function firstVersionsStatement({ first }) {
    if (first.length === 0)
        return null;
    const [get, each] = first.length === 1 ? ['gets', 'It shows'] : ['get', 'Each shows'];
    return `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .counted */ .hS)(first.length, 'asset')} ${get} a first code version, because the definitions of base set none. ${each} as Unsynced once, although the model stays as it is: materialize once.`;
}


/***/ }),

/***/ 138:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   P6: () => (/* binding */ brokenRules),
/* harmony export */   S4: () => (/* binding */ judge),
/* harmony export */   bS: () => (/* binding */ isIncremental)
/* harmony export */ });
/* unused harmony exports decideAcceptance, conclude */
/** Judges a computed comparison. An error never gets here: it is always a failure. */
function judge(assets, failOn) {
    const matched = failOn
        .map((rule) => ({ rule, assets: assets.filter((asset) => matches(rule, asset)).length }))
        .filter((match) => match.assets > 0);
    const some = assets.filter((asset) => failOn.some((rule) => matches(rule, asset)));
    const conclusion = matched.length > 0 ? 'failure' : 'success';
    return { conclusion, matched, assets: some.length };
}
/** Rules of the policy that one asset breaks, in the order of the input. */
function brokenRules(asset, failOn) {
    return failOn.filter((rule) => matches(rule, asset));
}
function matches(rule, asset) {
    switch (rule) {
        case 'unsynced':
            return asset.status === 'unsynced';
        case 'incremental':
            return asset.status === 'unsynced' && isIncremental(asset.modelKind);
        case 'formatting':
            return asset.status === 'unsynced' && asset.formattingOnly;
        case 'dependencies':
            return asset.status === 'unsynced' && asset.reasons.includes('dependencies');
        case 'removed':
            return asset.status === 'removed';
    }
}
/** Kinds that keep history, so that re-materializing may mean a backfill (SQLMesh `ModelKind`). */
function isIncremental(modelKind) {
    return modelKind !== null && /^(INCREMENTAL_|SCD_TYPE_2)/.test(modelKind);
}
/**
 * Whether a change set is accepted. A label says nothing of what it is for, so it accepts what our
 * comment showed when it was added, and nothing else ever: a push that changes the set voids it
 * until it is taken away and added again. A trailer in the description names its change set itself.
 *
 * @returns null when nobody tried
 */
function decideAcceptance(consent) {
    const { fingerprint, label, trailers, shown } = consent;
    const stateOf = (accepted) => (accepted === fingerprint ? 'accepted' : 'void');
    const named = trailers.includes(fingerprint) ? fingerprint : trailers.at(-1);
    if (label.present && named !== fingerprint) {
        const subject = subjectOf(consent);
        return { ...subject, state: stateOf(subject.fingerprint), means: 'label' };
    }
    if (named === undefined)
        return null;
    const rows = rememberedRows(named, shown);
    return { ...UNKNOWN, state: stateOf(named), means: 'trailer', fingerprint: named, rows };
}
const UNKNOWN = { fingerprint: '', by: '', at: '', event: 0, rows: null };
/** What the label that is there now was given for. */
function subjectOf({ label: { added }, shown }) {
    const known = shown?.accepted ?? null;
    // Still the same label as when it was last looked at, so still for the same.
    if (known !== null && known.event !== 0 && known.event === added?.event)
        return known;
    if (added !== null)
        return { ...added, ...shownAt(added.at, shown) };
    // The server does not tell when. It was added after the comment said what it still says, if the
    // label was not there then.
    if (shown !== null && !shown.labelled) {
        return { ...UNKNOWN, fingerprint: shown.fingerprint, rows: shown.rows };
    }
    return known ?? UNKNOWN;
}
/** What our comment showed at a time. */
function shownAt(at, shown) {
    const isUp = (since) => since !== null && Date.parse(since) <= Date.parse(at);
    const upThen = shown === null ? undefined : [shown, ...shown.before].find((up) => isUp(up.since));
    const fingerprint = upThen?.fingerprint ?? '';
    return { fingerprint, rows: rememberedRows(fingerprint, shown) };
}
function rememberedRows(fingerprint, shown) {
    if (shown?.fingerprint === fingerprint)
        return shown.rows;
    return shown?.accepted?.fingerprint === fingerprint ? shown.accepted.rows : null;
}
/** How a report's check ends. An error is never accepted: nobody can know what it would be for. */
function conclude(report, verdict, acceptance) {
    if (report.error !== null || verdict === null)
        return 'failure';
    if (verdict.conclusion === 'success')
        return 'success';
    return acceptance?.state === 'accepted' ? 'success' : 'failure';
}


/***/ }),

/***/ 75:
/***/ ((module) => {

module.exports = eval("require")("supports-color");


/***/ }),

/***/ 896:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");

/***/ }),

/***/ 598:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");

/***/ }),

/***/ 24:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");

/***/ }),

/***/ 161:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");

/***/ }),

/***/ 760:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");

/***/ }),

/***/ 975:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");

/***/ }),

/***/ 18:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("tty");

/***/ }),

/***/ 23:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("util");

/***/ }),

/***/ 586:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  YOg: () => (/* binding */ array),
  zMY: () => (/* binding */ schemas_boolean),
  gMt: () => (/* binding */ discriminatedUnion),
  k5n: () => (/* binding */ schemas_enum),
  Whr: () => (/* binding */ schemas_int),
  euz: () => (/* binding */ literal),
  aig: () => (/* binding */ schemas_number),
  Ikc: () => (/* binding */ object),
  g1P: () => (/* binding */ record),
  rej: () => (/* binding */ strictObject),
  YjP: () => (/* binding */ schemas_string),
  L5J: () => (/* binding */ unknown)
});

// UNUSED EXPORTS: ZodAny, ZodArray, ZodBase64, ZodBase64URL, ZodBigInt, ZodBigIntFormat, ZodBoolean, ZodCIDRv4, ZodCIDRv6, ZodCUID, ZodCUID2, ZodCatch, ZodCodec, ZodCreditCard, ZodCustom, ZodCustomStringFormat, ZodDate, ZodDefault, ZodDiscriminatedUnion, ZodE164, ZodEmail, ZodEmoji, ZodEnum, ZodExactOptional, ZodFile, ZodFunction, ZodGUID, ZodIBAN, ZodIPv4, ZodIPv6, ZodISODate, ZodISODateTime, ZodISODuration, ZodISOTime, ZodInstanceOf, ZodIntersection, ZodJWT, ZodKSUID, ZodLazy, ZodLiteral, ZodMAC, ZodMap, ZodNaN, ZodNanoID, ZodNever, ZodNonOptional, ZodNull, ZodNullable, ZodNumber, ZodNumberFormat, ZodObject, ZodOptional, ZodPipe, ZodPrefault, ZodPreprocess, ZodPromise, ZodReadonly, ZodRecord, ZodSet, ZodString, ZodStringFormat, ZodSuccess, ZodSymbol, ZodTemplateLiteral, ZodTransform, ZodTuple, ZodType, ZodULID, ZodURL, ZodUUID, ZodUndefined, ZodUnion, ZodUnknown, ZodVoid, ZodXID, ZodXor, _ZodString, _default, _function, any, base64, base64url, bigint, catch, check, cidrv4, cidrv6, codec, creditCard, cuid, cuid2, currencyCode, custom, date, describe, e164, email, emoji, exactOptional, file, float32, float64, function, guid, hash, hex, hostname, httpUrl, iban, instanceof, int32, int64, intersection, invertCodec, ipv4, ipv6, json, jwt, keyof, ksuid, lazy, looseObject, looseRecord, mac, map, meta, nan, nanoid, nativeEnum, never, nonoptional, null, nullable, nullish, optional, partialRecord, pipe, prefault, preprocess, promise, readonly, refine, set, stringFormat, stringbool, success, superRefine, symbol, templateLiteral, transform, tuple, uint32, uint64, ulid, undefined, union, url, uuid, uuidv4, uuidv6, uuidv7, void, xid, xor

// EXTERNAL MODULE: ./node_modules/zod/v4/core/core.js
var core_core = __nccwpck_require__(532);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/util.js
var core_util = __nccwpck_require__(723);
;// CONCATENATED MODULE: ./node_modules/zod/v4/core/memoizer.js

class $ZodCyclicError extends Error {
    constructor() {
        super(`Cannot parse a reference cycle that closes through a transform`);
        this.name = "ZodCyclicError";
    }
}
/** Keyed off the context object every schema in one parse call already shares. */
const STATE = "~memo";
const NO_ISSUES = [];
// a value a cycle can close through
function isRef(value) {
    return value !== null && typeof value === "object";
}
// Receivers prefix paths in place, so the cache and every hand-out need their own copies.
function cloneIssues(issues) {
    return issues.map((iss) => (iss.path ? { ...iss, path: iss.path.slice() } : { ...iss }));
}
const recursive = /*@__PURE__*/ new WeakMap();
/** What the walk established, in order of certainty: ordered so the strongest answer among children wins. */
const NONE = 0;
const ASSUMED = 1;
const PROVEN = 2;
/** Whether this schema's subtree contains a cycle, so one parse can re-enter it. */
function isRecursive(inst, stack, resolve) {
    const cached = recursive.get(inst);
    if (cached !== undefined)
        return cached ? PROVEN : NONE;
    // Relative to the walk in progress, so not cached.
    if (stack.has(inst))
        return PROVEN;
    stack.add(inst);
    let result = NONE;
    const check = (child) => {
        if (result !== PROVEN && child?._zod) {
            const answer = isRecursive(child, stack, resolve);
            if (answer > result)
                result = answer;
        }
    };
    // `Reflect.ownKeys` rather than `Object.keys`, so a cycle through a declared symbol key is still seen
    const shape = (sh, spread) => {
        let answer = NONE;
        for (const key of Reflect.ownKeys(sh)) {
            const desc = Object.getOwnPropertyDescriptor(sh, key);
            // an object resolves its shape by spread, so a key it does not enumerate is never parsed; `z.properties` reads every own key and so keeps them all
            if (spread && !desc.enumerable)
                continue;
            // resolving runs user code, and a factory mints a fresh subtree per read, so an edge the walk can't follow counts as a cycle
            const child = desc.get ? ASSUMED : desc.value?._zod ? isRecursive(desc.value, stack, resolve) : NONE;
            if (child > answer)
                answer = child;
        }
        return answer;
    };
    const merge = (answer) => {
        if (answer > result)
            result = answer;
    };
    const def = inst._zod.def;
    const kind = def.type;
    switch (kind) {
        case "object": {
            const raw = core_util/* rawShape */.MO(def);
            // a def with no raw shape answers `shape` from an accessor of its own, and running that can mint a whole fresh subtree
            merge(raw ? shape(raw, true) : ASSUMED);
            check(def.catchall);
            break;
        }
        case "array":
            check(def.element);
            break;
        case "tuple":
            for (const el of def.items)
                check(el);
            check(def.rest);
            break;
        case "record":
        case "map":
            check(def.keyType);
            check(def.valueType);
            break;
        case "set":
            check(def.valueType);
            break;
        case "union":
            for (const el of def.options)
                check(el);
            break;
        case "intersection":
            check(def.left);
            check(def.right);
            break;
        case "optional":
        case "nullable":
        case "default":
        case "prefault":
        case "catch":
        case "readonly":
        case "nonoptional":
        case "promise":
        case "success":
            check(def.innerType);
            break;
        case "pipe":
            check(def.in);
            check(def.out);
            break;
        case "function":
            check(def.input);
            check(def.output);
            break;
        // `$ZodLazy` caches its inner on the def, so a resolved edge is followed exactly
        case "lazy": {
            const inner = def._cachedInner ?? (resolve ? inst._zod.innerType : undefined);
            // walked with resolution off: one hop sees past the deferral, and a lazy that yields only another unresolved lazy is generative, so it stops there
            merge(inner ? isRecursive(inner, stack, false) : ASSUMED);
            break;
        }
        // a leaf by choice: `parts` are regex fragments, not data positions
        case "template_literal":
        // leaves
        case "string":
        case "number":
        case "int":
        case "boolean":
        case "bigint":
        case "symbol":
        case "undefined":
        case "null":
        case "void":
        case "never":
        case "any":
        case "unknown":
        case "date":
        case "nan":
        case "enum":
        case "literal":
        case "file":
        case "transform":
        case "custom":
            break;
        default: {
            // a new built-in kind becomes a compile error here
            kind;
            // a user-defined kind can still hold children, and only its author knows where, so fall back to scanning the def — skipping accessors, since reading one can run user code
            for (const key in def) {
                const desc = Object.getOwnPropertyDescriptor(def, key);
                if (!desc || desc.get)
                    continue;
                const value = desc.value;
                if (!value || typeof value !== "object")
                    continue;
                if (value._zod)
                    check(value);
                else if (Array.isArray(value))
                    for (const el of value)
                        check(el);
            }
        }
    }
    stack.delete(inst);
    return settle(inst, result);
}
/** An assumed answer must not outlive the resolution that settles it, so only a certain one is cached. */
function settle(inst, answer) {
    if (answer !== ASSUMED)
        recursive.set(inst, answer === PROVEN);
    return answer;
}
/**
 * Whether one parse can re-enter this schema, i.e. its subtree contains a cycle.
 * Exported for `z.compile`, which refuses to compile such a schema: cycle
 * breaking is driven from here off state keyed on the parse context, and a
 * generated fast path has no context to key on.
 */
function isRecursiveSchema(inst) {
    // z.compile never parses, so nothing would ever resolve a lazy for it; it runs once and already treats a throw here as recursive
    return isRecursive(inst, new Set(), true) !== NONE;
}
function bucketFor(state, inst) {
    let bucket = state.buckets.get(inst);
    if (!bucket) {
        bucket = new WeakMap();
        state.buckets.set(inst, bucket);
    }
    return bucket;
}
// Set immediately before delegating to core and cleared immediately after, so `alloc` registers only for a visit this module is driving.
let handoff;
// Allocated but unfinished entries. `alloc` and the matching pop both happen in the synchronous part of a parse, so they nest even when children are async, and one stack serves every schema.
const memoizer_open = [];
const memo = {
    alloc(_inst, payload, empty) {
        const bucket = handoff;
        if (!bucket)
            return empty;
        handoff = undefined;
        const entry = { value: empty, issues: null };
        bucket.set(payload.value, entry);
        memoizer_open.push(entry);
        return empty;
    },
    guard(inst) {
        var _a;
        (_a = inst._zod).deferred ?? (_a.deferred = []);
        inst._zod.deferred.push(() => {
            const base = inst._zod.parse;
            const wrapped = (payload, ctx) => {
                // The value is a placeholder a back-edge is still waiting on, so the cycle closes through this transform. Its output can't exist in time to bind.
                if (ctx.direction !== "backward" && isBackEdge(ctx, payload.value))
                    throw new $ZodCyclicError();
                return base(payload, ctx);
            };
            inst._zod.parse = wrapped;
            if (inst._zod.run === base)
                inst._zod.run = wrapped;
        });
    },
    attach(inst) {
        var _a;
        let isRecursiveInst;
        let rechecked = false;
        // a recursive schema is re-entered many times per parse and its bucket never changes
        let lastCtx;
        let lastBucket;
        // Wraps `parse` in a deferred so it sees the container's final parse. Core's own deferred copies `parse` into `run` when there are no checks, and it ran first, so `run` is patched to match; with checks, `run` reads `parse` dynamically.
        (_a = inst._zod).deferred ?? (_a.deferred = []);
        inst._zod.deferred.push(() => {
            const base = inst._zod.parse;
            const wrapped = (payload, ctx) => {
                if (isRecursiveInst === undefined) {
                    const walked = isRecursive(inst, new Set(), false);
                    if (walked === NONE) {
                        // Nothing here can ever fire, so take it back out.
                        inst._zod.parse = base;
                        if (inst._zod.run === wrapped)
                            inst._zod.run = base;
                        return base(payload, ctx);
                    }
                    // this parse resolves the deferred edges on its own path, so ask once more before latching
                    if (walked === PROVEN || rechecked)
                        isRecursiveInst = true;
                    else
                        rechecked = true;
                }
                const input = payload.value;
                if (!isRef(input))
                    return base(payload, ctx);
                let state = ctx[STATE];
                if (!state) {
                    state = { buckets: new WeakMap(), backEdges: undefined };
                    ctx[STATE] = state;
                }
                let bucket;
                if (lastCtx === ctx) {
                    bucket = lastBucket;
                }
                else {
                    bucket = bucketFor(state, inst);
                    lastCtx = ctx;
                    lastBucket = bucket;
                }
                const hit = bucket.get(input);
                if (hit) {
                    payload.value = hit.value;
                    if (hit.issues) {
                        if (hit.issues.length)
                            payload.issues.push(...cloneIssues(hit.issues));
                    }
                    else {
                        // Still being parsed: its own checks cover it, so skip them here.
                        payload.memo = true;
                        state.backEdges ?? (state.backEdges = new WeakSet());
                        state.backEdges.add(hit.value);
                    }
                    return payload;
                }
                handoff = bucket;
                const depth = memoizer_open.length;
                const result = base(payload, ctx);
                handoff = undefined;
                // A container that rejected its input outright allocated nothing.
                const entry = memoizer_open.length > depth ? memoizer_open.pop() : undefined;
                // Both paths written out so the sync one allocates no closure. It runs once per node, and capturing here cost more than everything else combined.
                if (result instanceof Promise) {
                    return result.then((r) => {
                        if (entry)
                            entry.issues = r.issues.length ? cloneIssues(r.issues) : NO_ISSUES;
                        return r;
                    });
                }
                if (entry)
                    entry.issues = result.issues.length ? cloneIssues(result.issues) : NO_ISSUES;
                return result;
            };
            inst._zod.parse = wrapped;
            if (inst._zod.run === base)
                inst._zod.run = wrapped;
        });
    },
};
/** The memoizer that gives containers cycle support. `zod` installs it by default; `zod/mini` opts in with `config({ memoizer: memoizer() })`. */
function memoizer() {
    return memo;
}
/** Whether this value is a node a back-edge resolved to before it finished. */
function isBackEdge(ctx, value) {
    const backEdges = ctx[STATE]?.backEdges;
    return backEdges !== undefined && isRef(value) && backEdges.has(value);
}

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/regexes.js

/**
 * @deprecated CUID v1 is deprecated by its authors due to information leakage
 * (timestamps embedded in the id). Use {@link cuid2} instead.
 * See https://github.com/paralleldrive/cuid.
 */
const cuid = /^[cC][0-9a-z]{6,}$/;
const cuid2 = /^[0-9a-z]+$/;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/;
const xid = /^[0-9a-vA-V]{20}$/;
const ksuid = /^[A-Za-z0-9]{27}$/;
const nanoid = /^[a-zA-Z0-9_-]{21}$/;
function nanoidOfLength(length) {
    return new RegExp(`^[a-zA-Z0-9_-]{${length}}$`);
}
/** ISO 8601-1 duration regex. Does not support the 8601-2 extensions like negative durations or fractional/negative components. */
const duration = /^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$/;
/** Implements ISO 8601-2 extensions like explicit +- prefixes, mixing weeks with other units, and fractional/negative components. */
const extendedDuration = /^[-+]?P(?!$)(?:(?:[-+]?\d+Y)|(?:[-+]?\d+[.,]\d+Y$))?(?:(?:[-+]?\d+M)|(?:[-+]?\d+[.,]\d+M$))?(?:(?:[-+]?\d+W)|(?:[-+]?\d+[.,]\d+W$))?(?:(?:[-+]?\d+D)|(?:[-+]?\d+[.,]\d+D$))?(?:T(?=[\d+-])(?:(?:[-+]?\d+H)|(?:[-+]?\d+[.,]\d+H$))?(?:(?:[-+]?\d+M)|(?:[-+]?\d+[.,]\d+M$))?(?:[-+]?\d+(?:[.,]\d+)?S)?)??$/;
/** A regex for any UUID-like identifier: 8-4-4-4-12 hex pattern */
const guid = /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$/;
/** Returns a regex for validating an RFC 9562/4122 UUID.
 *
 * @param version Optionally specify a version 1-8. If no version is specified, all versions are supported. */
const uuid = (version) => {
    if (!version)
        return /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/;
    return new RegExp(`^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-${version}[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$`);
};
const uuid4 = /*@__PURE__*/ (/* unused pure expression or super */ null && (uuid(4)));
const uuid6 = /*@__PURE__*/ (/* unused pure expression or super */ null && (uuid(6)));
const uuid7 = /*@__PURE__*/ (/* unused pure expression or super */ null && (uuid(7)));
/** Practical email validation */
const email = /^(?:[A-Za-z0-9_'+\-]+\.)*[A-Za-z0-9_'+\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$/;
/** Equivalent to the HTML5 input[type=email] validation implemented by browsers. Source: https://developer.mozilla.org/en-US/docs/Web/HTML/Element/input/email */
const html5Email = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
/** The classic emailregex.com regex for RFC 5322-compliant emails */
const rfc5322Email = /^(([^<>()\[\]\\.,;:\s@"]+(\.[^<>()\[\]\\.,;:\s@"]+)*)|(".+"))@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}])|(([a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,}))$/;
/** A loose regex that allows Unicode characters, enforces length limits, and that's about it. */
const unicodeEmail = /^[^\s@"]{1,64}@[^\s@]{1,255}$/u;
const idnEmail = (/* unused pure expression or super */ null && (unicodeEmail));
const browserEmail = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
// from https://thekevinscott.com/emojis-in-javascript/#writing-a-regular-expression
// Single character class, not an alternation: the two properties overlap (U+1F9B0-U+1F9B3), so `(A|B)+` backtracks exponentially on a failed match. The leading lookahead then demands one anchor — a pictograph, a regional indicator, or the enclosing keycap — because `\p{Emoji_Component}` on its own covers ASCII digits, `#`, `*`, ZWJ, variation selectors and skin tone modifiers, none of which is an emoji without a base.
const _emoji = `^(?=[\\s\\S]*[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\u20E3])[\\p{Extended_Pictographic}\\p{Emoji_Component}]+$`;
function emoji() {
    return new RegExp(_emoji, "u");
}
const ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])$/;
const ipv6 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))$/;
const mac = (delimiter) => {
    const escapedDelim = util.escapeRegex(delimiter ?? ":");
    return new RegExp(`^(?:[0-9A-F]{2}${escapedDelim}){5}[0-9A-F]{2}$|^(?:[0-9a-f]{2}${escapedDelim}){5}[0-9a-f]{2}$`);
};
const cidrv4 = /^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\/([0-9]|[1-2][0-9]|3[0-2])$/;
const cidrv6 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$/;
// https://stackoverflow.com/questions/7860392/determine-if-string-is-in-base64-using-javascript
const base64 = /^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$/;
const base64url = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
// based on https://stackoverflow.com/questions/106179/regular-expression-to-match-dns-hostname-or-ip-address
// export const hostname: RegExp = /^([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+$/;
const hostname = /^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$/;
const domain = /^(?=.{1,253}$)([a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}$/;
const httpProtocol = /^https?$/;
// https://blog.stevenlevithan.com/archives/validate-phone-number#r4-3 (regex sans spaces) E.164: leading digit must be 1-9; total digits (excluding '+') between 7-15
const e164 = /^\+[1-9]\d{6,14}$/;
// Credit card shape: 12–19 digits, optionally separated by single spaces or single hyphens. ISO/IEC 7812 caps the PAN at 19 digits; 12 is the shortest issued length (Maestro).
const creditCard = /^\d(?:[ -]?\d){11,18}$/;
// ISO 4217 alpha codes from the SIX list, regenerated by scripts/update-iso-4217.ts
const currencyCode = /^(?:AED|AFN|ALL|AMD|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BHD|BIF|BMD|BND|BOB|BOV|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHE|CHF|CHW|CLF|CLP|CNY|COP|COU|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MXV|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|USN|UYI|UYU|UYW|UZS|VED|VES|VND|VUV|WST|XAD|XAF|XAG|XAU|XBA|XBB|XBC|XBD|XCD|XCG|XDR|XOF|XPD|XPF|XPT|XSU|XTS|XUA|XXX|YER|ZAR|ZMW|ZWG)$/;
// iban electronic format: 2-letter country, check digits 02-98 (the only values `98 - remainder` can produce), 11-30 bban characters
const iban = /^[A-Z]{2}(?!00|01|99)\d{2}[A-Z0-9]{11,30}$/;
const dateSource = `(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))`;
/** Anchors a pattern source. The interpolation lives here rather than at the call site because
 * esbuild will not drop a `@__PURE__` call whose own argument interpolates a variable, but it
 * will drop `anchor(dateSource)`. Keeping it inline pinned `date` into every bundle. */
function regexes_anchor(source) {
    return new RegExp(`^${source}$`);
}
const date = /*@__PURE__*/ regexes_anchor(dateSource);
function timeSource(args) {
    const hhmm = `(?:[01]\\d|2[0-3]):[0-5]\\d`;
    const regex = typeof args.precision === "number"
        ? args.precision === -1
            ? `${hhmm}`
            : args.precision === 0
                ? `${hhmm}:[0-5]\\d`
                : `${hhmm}:[0-5]\\d\\.\\d{${args.precision}}`
        : args.seconds
            ? `${hhmm}:[0-5]\\d(?:\\.\\d+)?`
            : `${hhmm}(?::[0-5]\\d(?:\\.\\d+)?)?`;
    return regex;
}
function time(args) {
    return new RegExp(`^${timeSource(args)}$`);
}
// Adapted from https://stackoverflow.com/a/3143231
function datetime(args) {
    const opts = ["Z"];
    // if (args.offset) opts.push(`([+-]\\d{2}:\\d{2})`);
    if (args.offset)
        opts.push(`([+-](?:[01]\\d|2[0-3]):[0-5]\\d)`);
    // RFC 3339 mandates seconds wherever the time carries a `Z` or an offset, so only the unqualified form `local` adds may omit them
    const qualified = `${timeSource({ precision: args.precision, seconds: true })}(?:${opts.join("|")})`;
    const timeRegex = args.local ? `${qualified}|${timeSource({ precision: args.precision })}` : qualified;
    return new RegExp(`^${dateSource}T(?:${timeRegex})$`);
}
// the unbounded form of `string()` as a literal, so every plain string shares one instance instead of building its own
const anyString = /^[\s\S]{0,}$/;
const string = (params) => {
    const regex = params ? `[\\s\\S]{${params?.minimum ?? 0},${params?.maximum ?? ""}}` : `[\\s\\S]*`;
    return new RegExp(`^${regex}$`);
};
const bigint = /^-?\d+n?$/;
const integer = /^-?\d+$/;
const number = /^-?\d+(?:\.\d+)?$/;
const regexes_boolean = /^(?:true|false)$/i;
const _null = /^null$/i;

const _undefined = /^undefined$/i;

// regex for string with no uppercase letters
const lowercase = /^[^A-Z]*$/;
// regex for string with no lowercase letters
const uppercase = /^[^a-z]*$/;
// regex for hexadecimal strings (any length)
const hex = /^[0-9a-fA-F]*$/;
// Hash regexes for different algorithms and encodings
// Helper function to create base64 regex with exact length and padding
function fixedBase64(bodyLength, padding) {
    return new RegExp(`^[A-Za-z0-9+/]{${bodyLength}}${padding}$`);
}
// Helper function to create base64url regex with exact length (no padding)
function fixedBase64url(length) {
    return new RegExp(`^[A-Za-z0-9_-]{${length}}$`);
}
// MD5 (16 bytes): base64 = 24 chars total (22 + "==")
const md5_hex = /^[0-9a-fA-F]{32}$/;
const md5_base64 = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64(22, "==")));
const md5_base64url = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64url(22)));
// SHA1 (20 bytes): base64 = 28 chars total (27 + "=")
const sha1_hex = /^[0-9a-fA-F]{40}$/;
const sha1_base64 = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64(27, "=")));
const sha1_base64url = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64url(27)));
// SHA256 (32 bytes): base64 = 44 chars total (43 + "=")
const sha256_hex = /^[0-9a-fA-F]{64}$/;
const sha256_base64 = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64(43, "=")));
const sha256_base64url = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64url(43)));
// SHA384 (48 bytes): base64 = 64 chars total (no padding)
const sha384_hex = /^[0-9a-fA-F]{96}$/;
const sha384_base64 = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64(64, "")));
const sha384_base64url = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64url(64)));
// SHA512 (64 bytes): base64 = 88 chars total (86 + "==")
const sha512_hex = /^[0-9a-fA-F]{128}$/;
const sha512_base64 = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64(86, "==")));
const sha512_base64url = /*@__PURE__*/ (/* unused pure expression or super */ null && (fixedBase64url(86)));

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/checks.js
// import { $ZodType } from "./schemas.js";



const $ZodCheck = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheck", (inst, def) => {
    var _a;
    inst._zod ?? (inst._zod = {});
    inst._zod.def = def;
    (_a = inst._zod).onattach ?? (_a.onattach = []);
});
/** Default `when` for size-based checks: run only on non-nullish values with a `size`. */
const _whenHasSize = (payload) => {
    const val = payload.value;
    return !util.nullish(val) && val.size !== undefined;
};
/** Default `when` for length-based checks: run only on non-nullish values with a `length`. */
const _whenHasLength = (payload) => {
    const val = payload.value;
    return !core_util/* nullish */.cl(val) && val.length !== undefined;
};
const numericOriginMap = {
    number: "number",
    bigint: "bigint",
    object: "date",
};
const $ZodCheckLessThan = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckLessThan", (inst, def) => {
    $ZodCheck.init(inst, def);
    const origin = numericOriginMap[typeof def.value];
    inst._zod.check = (payload) => {
        if (def.inclusive ? payload.value <= def.value : payload.value < def.value) {
            return;
        }
        payload.issues.push({
            origin: numericOriginMap[typeof payload.value] ?? origin,
            code: "too_big",
            maximum: typeof def.value === "object" ? def.value.getTime() : def.value,
            input: payload.value,
            inclusive: def.inclusive,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckGreaterThan = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckGreaterThan", (inst, def) => {
    $ZodCheck.init(inst, def);
    const origin = numericOriginMap[typeof def.value];
    inst._zod.check = (payload) => {
        if (def.inclusive ? payload.value >= def.value : payload.value > def.value) {
            return;
        }
        payload.issues.push({
            origin: numericOriginMap[typeof payload.value] ?? origin,
            code: "too_small",
            minimum: typeof def.value === "object" ? def.value.getTime() : def.value,
            input: payload.value,
            inclusive: def.inclusive,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckMultipleOf = 
/*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckMultipleOf", (inst, def) => {
    $ZodCheck.init(inst, def);
    inst._zod.check = (payload) => {
        if (typeof payload.value !== typeof def.value)
            throw new Error("Cannot mix number and bigint in multiple_of check.");
        const isMultiple = typeof payload.value === "bigint"
            ? // `value % 0n` throws, and nothing is a multiple of zero — the number branch already fails this way via NaN
                def.value !== BigInt(0) && payload.value % def.value === BigInt(0)
            : core_util/* floatSafeRemainder */.LG(payload.value, def.value) === 0;
        if (isMultiple)
            return;
        payload.issues.push({
            origin: typeof payload.value,
            code: "not_multiple_of",
            divisor: def.value,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckNumberFormat = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckNumberFormat", (inst, def) => {
    $ZodCheck.init(inst, def); // no format checks
    def.format = def.format || "float64";
    const isInt = def.format?.includes("int");
    const origin = isInt ? "int" : "number";
    const [minimum, maximum] = core_util/* NUMBER_FORMAT_RANGES */.zH[def.format];
    inst._zod.check = (payload) => {
        const input = payload.value;
        if (isInt) {
            if (!Number.isInteger(input)) {
                // invalid_format issue
                // payload.issues.push({
                //   expected: def.format,
                //   format: def.format,
                //   code: "invalid_format",
                //   input,
                //   inst,
                // });
                // invalid_type issue
                payload.issues.push({
                    expected: origin,
                    format: def.format,
                    code: "invalid_type",
                    continue: false,
                    input,
                    inst,
                });
                return;
                // not_multiple_of issue
                // payload.issues.push({
                //   code: "not_multiple_of",
                //   origin: "number",
                //   input,
                //   inst,
                //   divisor: 1,
                // });
            }
            if (!Number.isSafeInteger(input)) {
                if (input > 0) {
                    // too_big
                    payload.issues.push({
                        input,
                        code: "too_big",
                        maximum: Number.MAX_SAFE_INTEGER,
                        note: "Integers must be within the safe integer range.",
                        inst,
                        origin,
                        inclusive: true,
                        continue: !def.abort,
                    });
                }
                else {
                    // too_small
                    payload.issues.push({
                        input,
                        code: "too_small",
                        minimum: Number.MIN_SAFE_INTEGER,
                        note: "Integers must be within the safe integer range.",
                        inst,
                        origin,
                        inclusive: true,
                        continue: !def.abort,
                    });
                }
                return;
            }
        }
        if (input < minimum) {
            payload.issues.push({
                origin: "number",
                input,
                code: "too_small",
                minimum,
                inclusive: true,
                inst,
                continue: !def.abort,
            });
        }
        if (input > maximum) {
            payload.issues.push({
                origin: "number",
                input,
                code: "too_big",
                maximum,
                inclusive: true,
                inst,
                continue: !def.abort,
            });
        }
    };
});
const $ZodCheckBigIntFormat = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCheckBigIntFormat", (inst, def) => {
    $ZodCheck.init(inst, def); // no format checks
    const [minimum, maximum] = util.BIGINT_FORMAT_RANGES[def.format];
    inst._zod.check = (payload) => {
        const input = payload.value;
        if (input < minimum) {
            payload.issues.push({
                origin: "bigint",
                input,
                code: "too_small",
                minimum: minimum,
                inclusive: true,
                inst,
                continue: !def.abort,
            });
        }
        if (input > maximum) {
            payload.issues.push({
                origin: "bigint",
                input,
                code: "too_big",
                maximum,
                inclusive: true,
                inst,
                continue: !def.abort,
            });
        }
    };
})));
const $ZodCheckMaxSize = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCheckMaxSize", (inst, def) => {
    var _a;
    $ZodCheck.init(inst, def);
    (_a = inst._zod.def).when ?? (_a.when = _whenHasSize);
    inst._zod.check = (payload) => {
        const input = payload.value;
        const size = input.size;
        if (size <= def.maximum)
            return;
        payload.issues.push({
            origin: util.getSizableOrigin(input),
            code: "too_big",
            maximum: def.maximum,
            inclusive: true,
            input,
            inst,
            continue: !def.abort,
        });
    };
})));
const $ZodCheckMinSize = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCheckMinSize", (inst, def) => {
    var _a;
    $ZodCheck.init(inst, def);
    (_a = inst._zod.def).when ?? (_a.when = _whenHasSize);
    inst._zod.check = (payload) => {
        const input = payload.value;
        const size = input.size;
        if (size >= def.minimum)
            return;
        payload.issues.push({
            origin: util.getSizableOrigin(input),
            code: "too_small",
            minimum: def.minimum,
            inclusive: true,
            input,
            inst,
            continue: !def.abort,
        });
    };
})));
const $ZodCheckSizeEquals = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCheckSizeEquals", (inst, def) => {
    var _a;
    $ZodCheck.init(inst, def);
    (_a = inst._zod.def).when ?? (_a.when = _whenHasSize);
    inst._zod.check = (payload) => {
        const input = payload.value;
        const size = input.size;
        if (size === def.size)
            return;
        const tooBig = size > def.size;
        payload.issues.push({
            origin: util.getSizableOrigin(input),
            ...(tooBig ? { code: "too_big", maximum: def.size } : { code: "too_small", minimum: def.size }),
            inclusive: true,
            exact: true,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
})));
const $ZodCheckMaxLength = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckMaxLength", (inst, def) => {
    var _a;
    $ZodCheck.init(inst, def);
    (_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
    inst._zod.check = (payload) => {
        const input = payload.value;
        const units = input.length;
        // Strings are measured in Unicode code points, not UTF-16 units. A code point is at most two units, so a string that already fits in units fits in code points; only an overflow has to be counted.
        const length = typeof input === "string" && units > def.maximum ? core_util/* codePointLength */.O7(input) : units;
        if (length <= def.maximum)
            return;
        const origin = core_util/* getLengthableOrigin */.Rc(input);
        payload.issues.push({
            origin,
            code: "too_big",
            maximum: def.maximum,
            inclusive: true,
            input,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckMinLength = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckMinLength", (inst, def) => {
    var _a;
    $ZodCheck.init(inst, def);
    (_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
    inst._zod.check = (payload) => {
        const input = payload.value;
        const units = input.length;
        // A code point is one or two UTF-16 units, so fewer units than the floor can never reach it and twice the floor always clears it. Only in between is the exact count in doubt.
        const length = typeof input === "string" && units >= def.minimum && units < def.minimum * 2
            ? core_util/* codePointLength */.O7(input)
            : units;
        if (length >= def.minimum)
            return;
        const origin = core_util/* getLengthableOrigin */.Rc(input);
        payload.issues.push({
            origin,
            code: "too_small",
            minimum: def.minimum,
            inclusive: true,
            input,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckLengthEquals = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckLengthEquals", (inst, def) => {
    var _a;
    $ZodCheck.init(inst, def);
    (_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
    inst._zod.check = (payload) => {
        const input = payload.value;
        const units = input.length;
        // A code point is one or two UTF-16 units, so outside `[length, length * 2]` units the target is missed either way — and missed in the same direction in both measures.
        const length = typeof input === "string" && units >= def.length && units <= def.length * 2
            ? core_util/* codePointLength */.O7(input)
            : units;
        if (length === def.length)
            return;
        const origin = core_util/* getLengthableOrigin */.Rc(input);
        const tooBig = length > def.length;
        payload.issues.push({
            origin,
            ...(tooBig ? { code: "too_big", maximum: def.length } : { code: "too_small", minimum: def.length }),
            inclusive: true,
            exact: true,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckStringFormat = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckStringFormat", (inst, def) => {
    var _a, _b;
    $ZodCheck.init(inst, def);
    if (def.pattern)
        (_a = inst._zod).check ?? (_a.check = (payload) => {
            def.pattern.lastIndex = 0;
            if (def.pattern.test(payload.value))
                return;
            payload.issues.push({
                origin: "string",
                code: "invalid_format",
                format: def.format,
                input: payload.value,
                ...(def.pattern ? { pattern: def.pattern.toString() } : {}),
                inst,
                continue: !def.abort,
            });
        });
    else
        (_b = inst._zod).check ?? (_b.check = () => { });
});
const $ZodCheckRegex = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckRegex", (inst, def) => {
    $ZodCheckStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        def.pattern.lastIndex = 0;
        if (def.pattern.test(payload.value))
            return;
        payload.issues.push({
            origin: "string",
            code: "invalid_format",
            format: "regex",
            input: payload.value,
            pattern: def.pattern.toString(),
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckLowerCase = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckLowerCase", (inst, def) => {
    def.pattern ?? (def.pattern = lowercase);
    $ZodCheckStringFormat.init(inst, def);
});
const $ZodCheckUpperCase = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckUpperCase", (inst, def) => {
    def.pattern ?? (def.pattern = uppercase);
    $ZodCheckStringFormat.init(inst, def);
});
const $ZodCheckIncludes = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckIncludes", (inst, def) => {
    $ZodCheck.init(inst, def);
    const escapedRegex = core_util/* escapeRegex */.sD(def.includes);
    // `String.prototype.includes(sub, position)` matches `sub` at `position`
    // OR LATER, so the pattern must allow at least `position` leading chars
    // (`{N,}`), not exactly `position` chars (`{N}`).
    const pattern = new RegExp(typeof def.position === "number" ? `^.{${def.position},}${escapedRegex}` : escapedRegex);
    def.pattern = pattern;
    inst._zod.check = (payload) => {
        if (payload.value.includes(def.includes, def.position))
            return;
        payload.issues.push({
            origin: "string",
            code: "invalid_format",
            format: "includes",
            includes: def.includes,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckStartsWith = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckStartsWith", (inst, def) => {
    $ZodCheck.init(inst, def);
    const pattern = new RegExp(`^${core_util/* escapeRegex */.sD(def.prefix)}.*`);
    def.pattern ?? (def.pattern = pattern);
    inst._zod.check = (payload) => {
        if (payload.value.startsWith(def.prefix))
            return;
        payload.issues.push({
            origin: "string",
            code: "invalid_format",
            format: "starts_with",
            prefix: def.prefix,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCheckEndsWith = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckEndsWith", (inst, def) => {
    $ZodCheck.init(inst, def);
    const pattern = new RegExp(`.*${core_util/* escapeRegex */.sD(def.suffix)}$`);
    def.pattern ?? (def.pattern = pattern);
    inst._zod.check = (payload) => {
        if (payload.value.endsWith(def.suffix))
            return;
        payload.issues.push({
            origin: "string",
            code: "invalid_format",
            format: "ends_with",
            suffix: def.suffix,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
///////////////////////////////////
/////    $ZodCheckProperty    /////
///////////////////////////////////
function handleCheckPropertyResult(result, payload, property) {
    if (result.issues.length) {
        payload.issues.push(...core_util/* prefixIssues */.lQ(property, result.issues));
    }
}
const $ZodCheckProperty = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCheckProperty", (inst, def) => {
    $ZodCheck.init(inst, def);
    inst._zod.check = (payload) => {
        const result = def.schema._zod.run({
            value: payload.value[def.property],
            issues: [],
        }, {});
        if (result instanceof Promise) {
            return result.then((result) => handleCheckPropertyResult(result, payload, def.property));
        }
        handleCheckPropertyResult(result, payload, def.property);
        return;
    };
})));
const $ZodCheckProperties = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckProperties", (inst, def) => {
    $ZodCheck.init(inst, def);
    core_util/* hide */.jD(inst, Symbol.iterator, function* () {
        yield inst;
    });
    // key and schema snapshotted together: reading one live and the other cached lets a later mutation of the caller's shape object pair a stale key with a missing schema
    let entries;
    inst._zod.check = (payload) => {
        // the base schema already typed the value, so only a nullish one is rejected here: the properties read on a primitive too, matching z.property() on a string's length
        if (payload.value == null) {
            payload.issues.push({ expected: "object", code: "invalid_type", input: payload.value, inst });
            return undefined;
        }
        entries ?? (entries = Reflect.ownKeys(def.shape).map((key) => [key, def.shape[key]]));
        const input = payload.value;
        let proms;
        for (const [key, schema] of entries) {
            const result = schema._zod.run({ value: input[key], issues: [] }, {});
            if (result instanceof Promise) {
                proms ?? (proms = []);
                proms.push(result.then((result) => handleCheckPropertyResult(result, payload, key)));
            }
            else {
                handleCheckPropertyResult(result, payload, key);
            }
        }
        if (proms)
            return Promise.all(proms).then(() => undefined);
        return undefined;
    };
});
const $ZodCheckMimeType = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCheckMimeType", (inst, def) => {
    $ZodCheck.init(inst, def);
    const mimeSet = new Set(def.mime);
    inst._zod.check = (payload) => {
        if (mimeSet.has(payload.value.type))
            return;
        payload.issues.push({
            code: "invalid_value",
            values: def.mime,
            input: payload.value.type,
            inst,
            continue: !def.abort,
        });
    };
})));
const $ZodCheckOverwrite = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCheckOverwrite", (inst, def) => {
    $ZodCheck.init(inst, def);
    inst._zod.check = (payload) => {
        payload.value = def.tx(payload.value);
    };
});

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/doc.js
class Doc {
    constructor(args = [], closed = {}) {
        this.content = [];
        this.indent = 0;
        this.args = args;
        this.closed = closed;
    }
    // the compiler catches a child's throw and keeps writing into this doc, so the indent has to unwind with it
    indented(fn) {
        this.indent += 1;
        try {
            fn(this);
        }
        finally {
            this.indent -= 1;
        }
    }
    write(arg) {
        if (typeof arg === "function") {
            arg(this, { execution: "sync" });
            arg(this, { execution: "async" });
            return;
        }
        const content = arg;
        const lines = content.split("\n").filter((x) => x);
        const minIndent = Math.min(...lines.map((x) => x.length - x.trimStart().length));
        const dedented = lines.map((x) => x.slice(minIndent)).map((x) => " ".repeat(this.indent * 2) + x);
        for (const line of dedented) {
            this.content.push(line);
        }
    }
    compile() {
        const F = Function;
        const content = this?.content ?? [``];
        const factory = new F(...Object.keys(this.closed), `return function (${this.args.join(", ")}) {\n${content.join("\n")}\n};`);
        return factory(...Object.values(this.closed));
    }
}

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/versions.js
const version = {
    major: 4,
    minor: 6,
    patch: 7,
};

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/schemas.js







const $ZodType = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodType", (inst, def) => {
    var _a;
    inst ?? (inst = {});
    inst._zod.def = def; // set _def property
    inst._zod.bag = inst._zod.bag || {}; // initialize _bag object
    inst._zod.version = version;
    const defChecks = inst._zod.def.checks;
    // if inst is itself a checks.$ZodCheck, run it as a check
    const checks = inst._zod.traits.has("$ZodCheck")
        ? [inst, ...(defChecks ?? [])]
        : defChecks?.length
            ? [...defChecks]
            : [];
    for (const ch of checks) {
        for (const fn of ch._zod.onattach) {
            fn(inst);
        }
    }
    if (checks.length === 0) {
        // deferred initializer inst._zod.parse is not yet defined
        (_a = inst._zod).deferred ?? (_a.deferred = []);
        inst._zod.deferred?.push(() => {
            inst._zod.run = inst._zod.parse;
        });
    }
    else {
        const runChecks = (payload, checks, ctx) => {
            if (payload.memo)
                return payload;
            let isAborted = core_util/* aborted */.QH(payload);
            let asyncResult;
            for (const ch of checks) {
                if (ch._zod.def.when) {
                    if (core_util/* explicitlyAborted */.rL(payload))
                        continue;
                    const shouldRun = ch._zod.def.when(payload);
                    if (!shouldRun)
                        continue;
                }
                else if (isAborted) {
                    continue;
                }
                const currLen = payload.issues.length;
                const _ = ch._zod.check(payload);
                if (_ instanceof Promise && ctx?.async === false) {
                    throw new core_core/* $ZodAsyncError */.GT();
                }
                if (asyncResult || _ instanceof Promise) {
                    asyncResult = (asyncResult ?? Promise.resolve()).then(async () => {
                        await _;
                        const nextLen = payload.issues.length;
                        if (nextLen === currLen)
                            return;
                        core_util/* attachSchema */.d3(payload.issues, currLen, inst);
                        if (!isAborted)
                            isAborted = core_util/* aborted */.QH(payload, currLen);
                    });
                }
                else {
                    const nextLen = payload.issues.length;
                    if (nextLen === currLen)
                        continue;
                    core_util/* attachSchema */.d3(payload.issues, currLen, inst);
                    if (!isAborted)
                        isAborted = core_util/* aborted */.QH(payload, currLen);
                }
            }
            if (asyncResult) {
                return asyncResult.then(() => {
                    return payload;
                });
            }
            return payload;
        };
        const handleCanaryResult = (canary, payload, ctx) => {
            // abort if the canary is aborted
            if (core_util/* aborted */.QH(canary)) {
                canary.aborted = true;
                return canary;
            }
            // run checks first, then
            const checkResult = runChecks(payload, checks, ctx);
            if (checkResult instanceof Promise) {
                if (ctx.async === false)
                    throw new core_core/* $ZodAsyncError */.GT();
                return checkResult.then((checkResult) => inst._zod.parse(checkResult, ctx));
            }
            return inst._zod.parse(checkResult, ctx);
        };
        inst._zod.run = (payload, ctx) => {
            if (ctx.skipChecks) {
                return inst._zod.parse(payload, ctx);
            }
            if (ctx.direction === "backward") {
                // run canary initial pass (no checks)
                const canary = inst._zod.parse({ value: payload.value, issues: [] }, { ...ctx, skipChecks: true });
                if (canary instanceof Promise) {
                    return canary.then((canary) => {
                        return handleCanaryResult(canary, payload, ctx);
                    });
                }
                return handleCanaryResult(canary, payload, ctx);
            }
            // forward
            const result = inst._zod.parse(payload, ctx);
            if (result instanceof Promise) {
                if (ctx.async === false)
                    throw new core_core/* $ZodAsyncError */.GT();
                return result.then((result) => runChecks(result, checks, ctx));
            }
            return runChecks(result, checks, ctx);
        };
    }
}, {
    // Wrappers extend this by installing a richer factory over it; reading it eagerly would defeat the laziness.
    get "~standard"() {
        return core_util/* hide */.jD(this, "~standard", standardProps(this));
    },
    set "~standard"(value) {
        core_util/* own */.qh(this, "~standard", value);
    },
});
/** The Standard Schema surface for `inst`. Shared so wrappers can extend it without forcing it. */
// a Standard Schema result only reports issues, so a failure finalizes them straight off the raw payload: no ZodError, and no lazy result to read through
const toStandardResult = (r, ctx) => r.issues.length ? { issues: r.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())) } : { value: r.value };
async function validateAsync(inst, value) {
    const ctx = { async: true };
    return toStandardResult((await inst._zod.run({ value, issues: [] }, ctx)), ctx);
}
function standardProps(inst) {
    return {
        validate: (value) => {
            const ctx = { async: false };
            try {
                const r = inst._zod.run({ value, issues: [] }, ctx);
                if (!(r instanceof Promise))
                    return toStandardResult(r, ctx);
            }
            catch (_) { }
            // async function so a synchronously throwing check rejects instead of escaping validate
            return validateAsync(inst, value);
        },
        vendor: "zod",
        version: 1,
    };
}

const $ZodString = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodString", (inst, def) => {
    $ZodType.init(inst, def);
    // a format's own pattern, else unbounded; a template literal derives the check-aware form itself
    inst._zod.pattern = def.pattern ?? anyString;
    inst._zod.parse = (payload, _) => {
        if (def.coerce)
            try {
                payload.value = String(payload.value);
            }
            catch (_) { }
        if (typeof payload.value === "string")
            return payload;
        payload.issues.push({
            expected: "string",
            code: "invalid_type",
            input: payload.value,
            inst,
        });
        return payload;
    };
});
const $ZodStringFormat = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodStringFormat", (inst, def) => {
    // check initialization must come first
    $ZodCheckStringFormat.init(inst, def);
    $ZodString.init(inst, def);
});
const $ZodGUID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodGUID", (inst, def) => {
    def.pattern ?? (def.pattern = guid);
    $ZodStringFormat.init(inst, def);
});
const $ZodUUID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodUUID", (inst, def) => {
    if (def.version) {
        const versionMap = {
            v1: 1,
            v2: 2,
            v3: 3,
            v4: 4,
            v5: 5,
            v6: 6,
            v7: 7,
            v8: 8,
        };
        const v = versionMap[def.version];
        if (v === undefined)
            throw new Error(`Invalid UUID version: "${def.version}"`);
        def.pattern ?? (def.pattern = uuid(v));
    }
    else
        def.pattern ?? (def.pattern = uuid());
    $ZodStringFormat.init(inst, def);
});
const $ZodEmail = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodEmail", (inst, def) => {
    def.pattern ?? (def.pattern = email);
    $ZodStringFormat.init(inst, def);
});
/** The `://` guard rejected the input before the URL constructor saw it. */
const URL_BAD_FORMAT = 1;
/** The URL parser rejected the input. */
const URL_UNPARSEABLE = 2;
function canParseURL(input) {
    try {
        if (typeof URL !== "undefined" && typeof URL.canParse === "function")
            return URL.canParse(input);
        new URL(input);
        return true;
    }
    catch {
        return false;
    }
}
function validateURL(trimmed, def) {
    if (!("normalize" in def) && !("hostname" in def) && !("protocol" in def)) {
        return canParseURL(trimmed) || URL_UNPARSEABLE;
    }
    return parseURLObject(trimmed, def);
}
/** Parses a URL while preserving the non-normalizing HTTP guard. */
function parseURLObject(trimmed, def) {
    // When normalize is off, require :// for http/https URLs. This prevents strings like "http:example.com" or "https:/path" from being silently accepted
    if (!def.normalize && def.protocol?.source === httpProtocol.source && !/^https?:\/\//i.test(trimmed)) {
        return URL_BAD_FORMAT;
    }
    try {
        if (typeof URL !== "undefined") {
            const URLStatic = URL;
            if (typeof URLStatic.parse === "function")
                return URLStatic.parse(trimmed) ?? URL_UNPARSEABLE;
        }
        // @ts-ignore
        return new URL(trimmed);
    }
    catch {
        return URL_UNPARSEABLE;
    }
}
const asciiTabOrNewline = /[\t\n\r]/g;
/** The URL parser deletes every ASCII tab, LF and CR from its input before it parses, so `new URL("https://exa\nmple.com")` reports on `example.com`. Applying the same deletion to the returned value closes the half of that divergence which can move the host; the parser's other rewrite, stripping C0 controls at the edges, cannot. */
function stripTabAndNewline(value) {
    return value.replace(asciiTabOrNewline, "");
}
function urlHostnameOk(url, hostname) {
    hostname.lastIndex = 0;
    return hostname.test(url.hostname);
}
function urlProtocolOk(url, protocol) {
    protocol.lastIndex = 0;
    return protocol.test(url.protocol.endsWith(":") ? url.protocol.slice(0, -1) : url.protocol);
}
const $ZodURL = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodURL", (inst, def) => {
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        try {
            // Trim whitespace from input
            const trimmed = payload.value.trim();
            const url = validateURL(trimmed, def);
            if (url === URL_BAD_FORMAT) {
                payload.issues.push({
                    code: "invalid_format",
                    format: "url",
                    note: "Invalid URL format",
                    input: payload.value,
                    inst,
                    continue: !def.abort,
                });
                return;
            }
            if (url === URL_UNPARSEABLE) {
                payload.issues.push({
                    code: "invalid_format",
                    format: "url",
                    input: payload.value,
                    inst,
                    continue: !def.abort,
                });
                return;
            }
            if (url === true) {
                payload.value = stripTabAndNewline(trimmed);
                return;
            }
            if (def.hostname && !urlHostnameOk(url, def.hostname)) {
                payload.issues.push({
                    code: "invalid_format",
                    format: "url",
                    note: "Invalid hostname",
                    pattern: def.hostname.source,
                    input: payload.value,
                    inst,
                    continue: !def.abort,
                });
            }
            if (def.protocol && !urlProtocolOk(url, def.protocol)) {
                payload.issues.push({
                    code: "invalid_format",
                    format: "url",
                    note: "Invalid protocol",
                    pattern: def.protocol.source,
                    input: payload.value,
                    inst,
                    continue: !def.abort,
                });
            }
            // Set the output value based on normalize flag
            payload.value = def.normalize ? url.href : stripTabAndNewline(trimmed);
            return;
        }
        catch (_) {
            payload.issues.push({
                code: "invalid_format",
                format: "url",
                input: payload.value,
                inst,
                continue: !def.abort,
            });
        }
    };
});
const $ZodEmoji = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodEmoji", (inst, def) => {
    def.pattern ?? (def.pattern = emoji());
    $ZodStringFormat.init(inst, def);
});
const $ZodNanoID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodNanoID", (inst, def) => {
    if (def.length !== undefined && (!Number.isInteger(def.length) || def.length < 1))
        throw new Error(`Invalid nanoid length: ${def.length}`);
    def.pattern ?? (def.pattern = def.length === undefined ? nanoid : nanoidOfLength(def.length));
    $ZodStringFormat.init(inst, def);
});
/**
 * @deprecated CUID v1 is deprecated by its authors due to information leakage
 * (timestamps embedded in the id). Use {@link $ZodCUID2} instead.
 * See https://github.com/paralleldrive/cuid.
 */
const $ZodCUID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCUID", (inst, def) => {
    def.pattern ?? (def.pattern = cuid);
    $ZodStringFormat.init(inst, def);
});
const $ZodCUID2 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCUID2", (inst, def) => {
    def.pattern ?? (def.pattern = cuid2);
    $ZodStringFormat.init(inst, def);
});
const $ZodULID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodULID", (inst, def) => {
    def.pattern ?? (def.pattern = ulid);
    $ZodStringFormat.init(inst, def);
});
const $ZodXID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodXID", (inst, def) => {
    def.pattern ?? (def.pattern = xid);
    $ZodStringFormat.init(inst, def);
});
const $ZodKSUID = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodKSUID", (inst, def) => {
    def.pattern ?? (def.pattern = ksuid);
    $ZodStringFormat.init(inst, def);
});
const $ZodISODateTime = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodISODateTime", (inst, def) => {
    def.pattern ?? (def.pattern = datetime(def));
    $ZodStringFormat.init(inst, def);
});
const $ZodISODate = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodISODate", (inst, def) => {
    def.pattern ?? (def.pattern = date);
    $ZodStringFormat.init(inst, def);
});
const $ZodISOTime = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodISOTime", (inst, def) => {
    def.pattern ?? (def.pattern = time(def));
    $ZodStringFormat.init(inst, def);
});
const $ZodISODuration = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodISODuration", (inst, def) => {
    def.pattern ?? (def.pattern = duration);
    $ZodStringFormat.init(inst, def);
});
const $ZodIPv4 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodIPv4", (inst, def) => {
    def.pattern ?? (def.pattern = ipv4);
    $ZodStringFormat.init(inst, def);
});
/** An IPv6 address is written with hex digits, colons and dots, and nothing else. The guard is what makes the check below an IPv6 check: `new URL("http://[...]")` parses an authority, not an address, so `@` and `\` re-delimit it and `"::@1\\"` validates against the host `0.0.0.1`. The URL parser also deletes ASCII tab, LF and CR rather than failing, which is how `"::1\n"` validated as `::1`. */
const ipv6Alphabet = /^[0-9a-fA-F:.]+$/;
function isValidIPv6(value) {
    if (!ipv6Alphabet.test(value))
        return false;
    return canParseURL(`http://[${value}]`);
}
const $ZodIPv6 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodIPv6", (inst, def) => {
    def.pattern ?? (def.pattern = ipv6);
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (!isValidIPv6(payload.value)) {
            payload.issues.push({
                code: "invalid_format",
                format: "ipv6",
                input: payload.value,
                inst,
                continue: !def.abort,
            });
        }
    };
});
const $ZodMAC = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodMAC", (inst, def) => {
    def.pattern ?? (def.pattern = regexes.mac(def.delimiter));
    $ZodStringFormat.init(inst, def);
})));
const $ZodCIDRv4 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCIDRv4", (inst, def) => {
    def.pattern ?? (def.pattern = cidrv4);
    $ZodStringFormat.init(inst, def);
});
function isValidCIDRv6(value) {
    const parts = value.split("/");
    if (parts.length !== 2)
        return false;
    const [address, prefix] = parts;
    if (!prefix)
        return false;
    const prefixNum = Number(prefix);
    if (`${prefixNum}` !== prefix)
        return false;
    if (prefixNum < 0 || prefixNum > 128)
        return false;
    return isValidIPv6(address);
}
const $ZodCIDRv6 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCIDRv6", (inst, def) => {
    def.pattern ?? (def.pattern = cidrv6); // not used for validation
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (!isValidCIDRv6(payload.value)) {
            payload.issues.push({
                code: "invalid_format",
                format: "cidrv6",
                input: payload.value,
                inst,
                continue: !def.abort,
            });
        }
    };
});
//////////////////////////////   ZodBase64   //////////////////////////////
function isValidBase64(data) {
    if (data === "")
        return true;
    // atob ignores whitespace, so reject it up front.
    if (/\s/.test(data))
        return false;
    if (data.length % 4 !== 0)
        return false;
    try {
        // @ts-ignore
        atob(data);
        return true;
    }
    catch {
        return false;
    }
}
// lax on purpose: the quantified regexes.base64 overflows the regex stack on multi-MB input and its leading ^$| alternation leaks through template-literal composition; isValidBase64 enforces length and padding
const base64Charset = /^[0-9a-zA-Z+/]*={0,2}$/;
const $ZodBase64 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodBase64", (inst, def) => {
    def.pattern ?? (def.pattern = base64Charset);
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (isValidBase64(payload.value))
            return;
        payload.issues.push({
            code: "invalid_format",
            format: "base64",
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
//////////////////////////////   ZodBase64URL   //////////////////////////////
// lax on purpose: the quantified regexes.base64url overflows the regex stack on multi-MB input; isValidBase64 enforces length on the padded string
const base64urlCharset = /^[A-Za-z0-9_-]*$/;
function isValidBase64URL(data) {
    if (!base64urlCharset.test(data))
        return false;
    const base64 = data.replace(/[-_]/g, (c) => (c === "-" ? "+" : "/"));
    const padded = base64.padEnd(Math.ceil(base64.length / 4) * 4, "=");
    return isValidBase64(padded);
}
const $ZodBase64URL = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodBase64URL", (inst, def) => {
    def.pattern ?? (def.pattern = base64urlCharset);
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (isValidBase64URL(payload.value))
            return;
        payload.issues.push({
            code: "invalid_format",
            format: "base64url",
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodE164 = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodE164", (inst, def) => {
    def.pattern ?? (def.pattern = e164);
    $ZodStringFormat.init(inst, def);
});
//////////////////////////////   ZodCreditCard   //////////////////////////////
const CC_SANITIZE = /[- ]/g;
/** Luhn checksum on a digit-only string. Adapted from valibot (MIT). */
function isLuhnAlgo(digits) {
    let length = digits.length;
    let bit = 1;
    let sum = 0;
    while (length) {
        const value = digits.charCodeAt(--length) - 48;
        bit ^= 1;
        sum += bit ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][value] : value;
    }
    return sum % 10 === 0;
}
function isValidCreditCard(input) {
    if (!regexes.creditCard.test(input))
        return false;
    return isLuhnAlgo(input.replace(CC_SANITIZE, ""));
}
const $ZodCreditCard = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCreditCard", (inst, def) => {
    // Shape only — the Luhn check below is not expressible as a pattern, so consumers of `pattern` (JSON Schema, template literals) get the length and separator rules alone.
    def.pattern ?? (def.pattern = regexes.creditCard);
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (isValidCreditCard(payload.value))
            return;
        payload.issues.push({
            code: "invalid_format",
            format: "credit_card",
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
})));
//////////////////////////////   ZodIBAN   //////////////////////////////
// iso 7064 mod 97-10 checksum without BigInt
function isIso7064Mod97(iban) {
    let remainder = 0;
    const len = iban.length;
    for (let i = 4; i < len; i++) {
        const code = iban.charCodeAt(i);
        remainder = (code >= 65 ? remainder * 100 + (code - 55) : remainder * 10 + (code - 48)) % 97;
    }
    for (let i = 0; i < 4; i++) {
        const code = iban.charCodeAt(i);
        remainder = (code >= 65 ? remainder * 100 + (code - 55) : remainder * 10 + (code - 48)) % 97;
    }
    return remainder === 1;
}
function isValidIBAN(input) {
    if (!regexes.iban.test(input))
        return false;
    return isIso7064Mod97(input);
}
const $ZodIBAN = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodIBAN", (inst, def) => {
    // shape only — checksum is not expressible as a pattern
    def.pattern ?? (def.pattern = regexes.iban);
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (isValidIBAN(payload.value))
            return;
        payload.issues.push({
            code: "invalid_format",
            format: "iban",
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
})));
//////////////////////////////   ZodJWT   //////////////////////////////
function isValidJWT(token, algorithm = null) {
    try {
        const tokensParts = token.split(".");
        if (tokensParts.length !== 3)
            return false;
        const [header] = tokensParts;
        if (!header)
            return false;
        // @ts-ignore
        const parsedHeader = JSON.parse(atob(header));
        if ("typ" in parsedHeader && parsedHeader?.typ !== "JWT")
            return false;
        if (!parsedHeader.alg)
            return false;
        if (algorithm && (!("alg" in parsedHeader) || parsedHeader.alg !== algorithm))
            return false;
        return true;
    }
    catch {
        return false;
    }
}
const $ZodJWT = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodJWT", (inst, def) => {
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (isValidJWT(payload.value, def.alg))
            return;
        payload.issues.push({
            code: "invalid_format",
            format: "jwt",
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
});
const $ZodCustomStringFormat = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCustomStringFormat", (inst, def) => {
    $ZodStringFormat.init(inst, def);
    inst._zod.check = (payload) => {
        if (def.fn(payload.value))
            return;
        payload.issues.push({
            code: "invalid_format",
            format: def.format,
            input: payload.value,
            inst,
            continue: !def.abort,
        });
    };
})));
const $ZodNumber = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodNumber", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.pattern = number;
    inst._zod.parse = (payload, _ctx) => {
        if (def.coerce)
            try {
                payload.value = Number(payload.value);
            }
            catch (_) { }
        const input = payload.value;
        if (typeof input === "number" && !Number.isNaN(input) && Number.isFinite(input)) {
            return payload;
        }
        const received = typeof input === "number"
            ? Number.isNaN(input)
                ? "NaN"
                : !Number.isFinite(input)
                    ? String(input)
                    : undefined
            : undefined;
        payload.issues.push({
            expected: "number",
            code: "invalid_type",
            input,
            inst,
            ...(received ? { received } : {}),
        });
        return payload;
    };
});
const $ZodNumberFormat = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodNumberFormat", (inst, def) => {
    $ZodCheckNumberFormat.init(inst, def);
    $ZodNumber.init(inst, def); // no format checks
});
const $ZodBoolean = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodBoolean", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.pattern = regexes_boolean;
    inst._zod.parse = (payload, _ctx) => {
        if (def.coerce)
            try {
                payload.value = Boolean(payload.value);
            }
            catch (_) { }
        const input = payload.value;
        if (typeof input === "boolean")
            return payload;
        payload.issues.push({
            expected: "boolean",
            code: "invalid_type",
            input,
            inst,
        });
        return payload;
    };
});
const $ZodBigInt = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodBigInt", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.pattern = bigint;
    inst._zod.parse = (payload, _ctx) => {
        if (def.coerce)
            try {
                payload.value = BigInt(payload.value);
            }
            catch (_) { }
        if (typeof payload.value === "bigint")
            return payload;
        payload.issues.push({
            expected: "bigint",
            code: "invalid_type",
            input: payload.value,
            inst,
        });
        return payload;
    };
});
const $ZodBigIntFormat = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodBigIntFormat", (inst, def) => {
    checks.$ZodCheckBigIntFormat.init(inst, def);
    $ZodBigInt.init(inst, def); // no format checks
})));
const $ZodSymbol = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodSymbol", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        if (typeof input === "symbol")
            return payload;
        payload.issues.push({
            expected: "symbol",
            code: "invalid_type",
            input,
            inst,
        });
        return payload;
    };
})));
const $ZodUndefined = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodUndefined", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.pattern = regexes.undefined;
    inst._zod.values = new Set([undefined]);
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        if (typeof input === "undefined")
            return payload;
        payload.issues.push({
            expected: "undefined",
            code: "invalid_type",
            input,
            inst,
        });
        return payload;
    };
})));
const $ZodNull = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodNull", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.pattern = regexes.null;
    inst._zod.values = new Set([null]);
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        if (input === null)
            return payload;
        payload.issues.push({
            expected: "null",
            code: "invalid_type",
            input,
            inst,
        });
        return payload;
    };
})));
const $ZodAny = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodAny", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload) => payload;
})));
const $ZodUnknown = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodUnknown", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload) => payload;
});
const $ZodNever = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodNever", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _ctx) => {
        payload.issues.push({
            expected: "never",
            code: "invalid_type",
            input: payload.value,
            inst,
        });
        return payload;
    };
});
const $ZodVoid = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodVoid", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        if (typeof input === "undefined")
            return payload;
        payload.issues.push({
            expected: "void",
            code: "invalid_type",
            input,
            inst,
        });
        return payload;
    };
})));
const $ZodDate = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodDate", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _ctx) => {
        if (def.coerce) {
            try {
                payload.value = new Date(payload.value);
            }
            catch (_err) { }
        }
        const input = payload.value;
        const isDate = input instanceof Date;
        const isValidDate = isDate && !Number.isNaN(input.getTime());
        if (isValidDate)
            return payload;
        payload.issues.push({
            expected: "date",
            code: "invalid_type",
            input,
            ...(isDate ? { received: "Invalid Date" } : {}),
            inst,
        });
        return payload;
    };
});
// an oversized container fails its leading size checks before any element is parsed
function capSize(inst, size) {
    const caps = core_util/* sizeCaps */.hi(inst._zod.def.checks);
    if (!caps.length)
        return;
    const cap = Math.min(...caps.map((c) => c[0]));
    const parse = inst._zod.parse;
    inst._zod.parse = (payload, ctx) => {
        const n = size(payload.value);
        if (n > cap && !ctx?.skipChecks && ctx?.direction !== "backward") {
            for (const [max, ch] of core_util/* sizeCaps */.hi(inst._zod.def.checks)) {
                if (n > max && ch._zod.def.when(payload)) {
                    const start = payload.issues.length;
                    ch._zod.check(payload);
                    // the value is still the raw input, so no later check may read it
                    payload.issues[start].continue = false;
                    core_util/* attachSchema */.d3(payload.issues, start, inst);
                    return payload;
                }
            }
        }
        return parse(payload, ctx);
    };
}
const arraySize = (input) => (Array.isArray(input) ? input.length : -1);
const mapSize = (input) => (input instanceof Map ? input.size : -1);
const setSize = (input) => (input instanceof Set ? input.size : -1);
function handleArrayResult(result, final, index) {
    if (result.issues.length) {
        final.issues.push(...core_util/* prefixIssues */.lQ(index, result.issues));
    }
    final.value[index] = result.value;
}
const $ZodArray = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodArray", (inst, def) => {
    $ZodType.init(inst, def);
    const memo = core_core/* globalConfig */.cr.memoizer;
    memo?.attach(inst);
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        if (!Array.isArray(input)) {
            payload.issues.push({
                expected: "array",
                code: "invalid_type",
                input,
                inst,
            });
            return payload;
        }
        payload.value = memo ? memo.alloc(inst, payload, Array(input.length), ctx) : Array(input.length);
        const proms = [];
        const abortEarly = ctx?.abortEarly;
        for (let i = 0; i < input.length; i++) {
            const item = input[i];
            const result = def.element._zod.run({
                value: item,
                issues: [],
            }, ctx);
            if (result instanceof Promise) {
                proms.push(result.then((result) => handleArrayResult(result, payload, i)));
            }
            else {
                handleArrayResult(result, payload, i);
                // the element's payload is authoritative here, since handleArrayResult forwards every issue; an object's is not, because it drops a failed absent optional
                if (abortEarly && result.issues.length !== 0 && core_util/* aborted */.QH(result))
                    break;
            }
        }
        if (proms.length) {
            return Promise.all(proms).then(() => payload);
        }
        return payload; //handleArrayResultsAsync(parseResults, final);
    };
    capSize(inst, arraySize);
});
function handlePropertyResult(result, final, key, input, optin, optout) {
    const isPresent = key in input;
    const isOptionalOut = optout === "optional";
    // The middle rung means "absence permitted, nothing supplied in its place", so an absent key contributes nothing — whatever the schema made of `undefined` is invented, not substituted. Only `optional` reaches this with a value: `defaulted` substitutes, and a schema that isn't optional-out has to keep the key.
    if (!isPresent && isOptionalOut && optin === "optional") {
        return;
    }
    if (result.issues.length) {
        // For optional-in/out schemas, ignore errors on absent keys.
        if (optin !== undefined && isOptionalOut && !isPresent) {
            return;
        }
        final.issues.push(...core_util/* prefixIssues */.lQ(key, result.issues));
    }
    if (!isPresent && optin === undefined) {
        if (!result.issues.length) {
            final.issues.push({
                code: "invalid_type",
                expected: "nonoptional",
                input: undefined,
                path: [key],
            });
        }
        return;
    }
    if (result.value === undefined) {
        if (isPresent || (optin === "defaulted" && !isOptionalOut)) {
            final.value[key] = undefined;
        }
    }
    else {
        final.value[key] = result.value;
    }
}
// one shared instance; a fresh [] per schema cost 56 bytes retained
const NO_SYMBOL_KEYS = [];
function normalizeDef(def) {
    const keys = Object.keys(def.shape);
    const ownSymbols = Object.getOwnPropertySymbols(def.shape);
    const symbolKeys = ownSymbols.length ? ownSymbols : NO_SYMBOL_KEYS;
    // aliases `keys` when there are no symbols, so a string-only shape keeps one array
    const allKeys = symbolKeys.length ? [...keys, ...symbolKeys] : keys;
    for (const k of allKeys) {
        if (!def.shape?.[k]?._zod?.traits?.has("$ZodType")) {
            throw new Error(`Invalid element at key "${String(k)}": expected a Zod schema`);
        }
    }
    const okeys = core_util/* optionalKeys */.NM(def.shape);
    return {
        ...def,
        allKeys,
        symbolKeys,
        // string-only: handleCatchall matches it against `for...in`, which never yields a symbol
        keySet: new Set(keys),
        numKeys: keys.length,
        optionalKeys: new Set(okeys),
    };
}
function handleCatchall(proms, input, payload, ctx, def, inst, abortEarly) {
    const unrecognized = [];
    const keySet = def.keySet;
    const _catchall = def.catchall._zod;
    const t = _catchall.def.type;
    const optin = _catchall.optin;
    const optout = _catchall.optout;
    // starts at 0, not the current length: the shape phase already ran and may have aborted
    let seen = 0;
    for (const key in input) {
        if (abortEarly && payload.issues.length !== seen) {
            if (core_util/* aborted */.QH(payload, seen))
                break;
            seen = payload.issues.length;
        }
        // Must precede the __proto__ branch: a declared key is not unrecognized, even though the shape loop deliberately strips __proto__ from the parsed output.
        if (keySet.has(key))
            continue;
        // Don't copy an undeclared __proto__ into the result; assignment to a plain {} would replace the result prototype. But in strict mode it is still an unknown key, so report it before skipping.
        if (key === "__proto__") {
            if (t === "never")
                unrecognized.push(key);
            continue;
        }
        if (t === "never") {
            unrecognized.push(key);
            continue;
        }
        const r = _catchall.run({ value: input[key], issues: [] }, ctx);
        if (r instanceof Promise) {
            proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
        }
        else {
            handlePropertyResult(r, payload, key, input, optin, optout);
        }
    }
    if (unrecognized.length) {
        payload.issues.push({
            code: "unrecognized_keys",
            keys: unrecognized,
            input,
            inst,
            // Describes the shape of the input, not the validity of the parsed value, so it never aborts. The parse still fails; the schema's own checks just get to run first, and an enclosing intersection can reconcile the key against a sibling operand.
            continue: true,
        });
    }
    if (!proms.length)
        return payload;
    return Promise.all(proms).then(() => {
        return payload;
    });
}
const $ZodObject = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodObject", (inst, def) => {
    // requires cast because technically $ZodObject doesn't extend
    $ZodType.init(inst, def);
    const desc = Object.getOwnPropertyDescriptor(def, "shape");
    // a cloned def carries its source's accessor, which knows the shape it answers from; adopting that keeps the clone's keys readable without running it
    const sh = desc?.get ? desc.get.raw : (def.shape ?? {});
    if (sh) {
        // Freezes the shape on first read, so its getters resolve once and every later read sees the same schemas.
        const get = () => {
            const newSh = { ...sh };
            Object.defineProperty(def, "shape", { value: newSh });
            get.raw = newSh;
            return newSh;
        };
        get.raw = sh;
        Object.defineProperty(def, "shape", { get });
    }
    const _normalized = core_util/* cached */.PO(() => normalizeDef(def));
    core_util/* defineLazyInternal */.v5(inst, "propValues", (zod) => {
        const shape = zod.def.shape;
        const propValues = {};
        for (const key in shape) {
            const field = shape[key]._zod;
            if (field.values) {
                if (!Object.prototype.hasOwnProperty.call(propValues, key)) {
                    core_util/* assignProp */.Vy(propValues, key, new Set());
                }
                for (const v of field.values)
                    propValues[key].add(v);
                // An omittable slot reads back as undefined at a discriminator lookup, so it has to claim undefined: two options that can both omit the key are not discriminable on it.
                if (field.optin !== undefined)
                    propValues[key].add(undefined);
            }
        }
        return propValues;
    });
    const isObject = core_util/* isObject */.Gv;
    const catchall = def.catchall;
    let value;
    const memo = core_core/* globalConfig */.cr.memoizer;
    memo?.attach(inst);
    inst._zod.parse = (payload, ctx) => {
        value ?? (value = _normalized.value);
        const input = payload.value;
        if (!isObject(input)) {
            payload.issues.push({
                expected: "object",
                code: "invalid_type",
                input,
                inst,
            });
            return payload;
        }
        payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
        const proms = [];
        const shape = value.shape;
        const abortEarly = ctx?.abortEarly;
        let seen = payload.issues.length;
        for (const key of value.allKeys) {
            if (abortEarly && payload.issues.length !== seen) {
                if (core_util/* aborted */.QH(payload, seen))
                    break;
                seen = payload.issues.length;
            }
            if (key === "__proto__")
                continue;
            const el = shape[key];
            const optin = el._zod.optin;
            const optout = el._zod.optout;
            const r = el._zod.run({ value: input[key], issues: [] }, ctx);
            if (r instanceof Promise) {
                proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
            }
            else {
                handlePropertyResult(r, payload, key, input, optin, optout);
            }
        }
        if (!catchall) {
            return proms.length ? Promise.all(proms).then(() => payload) : payload;
        }
        return handleCatchall(proms, input, payload, ctx, _normalized.value, inst, abortEarly === true);
    };
});
const $ZodObjectJIT = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodObjectJIT", (inst, def) => {
    // requires cast because technically $ZodObject doesn't extend
    $ZodObject.init(inst, def);
    const superParse = inst._zod.parse;
    const _normalized = core_util/* cached */.PO(() => normalizeDef(def));
    const memo = core_core/* globalConfig */.cr.memoizer;
    const generateFastpass = (shape) => {
        const normalized = _normalized.value;
        const syms = normalized.symbolKeys;
        // a symbol has no source literal, so it is read as `syms[i]` off the closed-over scope
        const doc = new Doc(["payload", "ctx"], { shape, inst, memo, syms });
        const parseStr = (k) => `shape[${k}]._zod.run({ value: input[${k}], issues: [] }, ctx)`;
        // prefixes in place, like util.prefixIssues. newResult must land before the early return: a catchall runs after this and would otherwise write onto the caller's input
        const prefixStr = (id, k) => `
          let ${id}_ab = false;
          for (let i = 0; i < ${id}.issues.length; i++) {
            const iss = ${id}.issues[i];
            iss.path = iss.path ? [${k}, ...iss.path] : [${k}];
            payload.issues.push(iss);
            if (iss.continue !== true) ${id}_ab = true;
          }
          if (${id}_ab && ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }`;
        doc.write(`const input = payload.value;`);
        const ids = Object.create(null);
        let counter = 0;
        for (const key of normalized.allKeys) {
            ids[key] = `key_${counter++}`;
        }
        // A: preserve key order {
        doc.write(memo ? `const newResult = memo.alloc(inst, payload, {}, ctx);` : `const newResult = {};`);
        for (const key of normalized.allKeys) {
            if (key === "__proto__")
                continue;
            const id = ids[key];
            const k = typeof key === "symbol" ? `syms[${syms.indexOf(key)}]` : core_util/* esc */.UQ(key);
            const isPresent = `${k} in input`;
            const schema = shape[key];
            const optin = schema?._zod?.optin;
            const isOptionalIn = optin !== undefined;
            const isOptionalOut = schema?._zod?.optout === "optional";
            doc.write(`const ${id} = ${parseStr(k)};`);
            if (isOptionalIn && isOptionalOut) {
                // For optional-in/out schemas, ignore errors on absent keys — and, like the interpreted path, drop the value produced alongside them. The middle rung goes further: it permits absence without supplying anything in its place, so an absent key contributes nothing at all.
                const assign = optin === "optional" ? `${id}_present` : `${id}.value !== undefined || ${id}_present`;
                doc.write(`
        const ${id}_present = ${isPresent};
        if (!${id}.issues.length || ${id}_present) {
          if (${id}.issues.length) {${prefixStr(id, k)}
          }

          if (${assign}) {
            newResult[${k}] = ${id}.value;
          }
        }

      `);
            }
            else if (!isOptionalIn) {
                doc.write(`
        const ${id}_present = ${isPresent};
        if (${id}.issues.length) {${prefixStr(id, k)}
        }
        if (!${id}_present && !${id}.issues.length) {
          payload.issues.push({
            code: "invalid_type",
            expected: "nonoptional",
            input: undefined,
            path: [${k}]
          });
          if (ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }
        }

        if (${id}_present) {
          newResult[${k}] = ${id}.value;
        }

      `);
            }
            else {
                doc.write(`
        if (${id}.issues.length) {${prefixStr(id, k)}
        }
      `);
                if (optin === "defaulted") {
                    doc.write(`newResult[${k}] = ${id}.value;`);
                }
                else {
                    doc.write(`
        if (${id}.value !== undefined || ${isPresent}) {
          newResult[${k}] = ${id}.value;
        }
      `);
                }
            }
        }
        doc.write(`payload.value = newResult;`);
        doc.write(`return payload;`);
        // closing `shape` in is what pays: turbofan specializes the parser against that one shape object, so every `shape[k]._zod.run` folds to a known callee. as a parameter it stays a generic load and measures 13% slower even with the forwarding frame gone
        return doc.compile();
    };
    let fastpass;
    const isObject = core_util/* isObject */.Gv;
    const jit = !core_core/* globalConfig */.cr.jitless;
    const allowsEval = core_util/* allowsEval */.hI;
    const fastEnabled = jit && allowsEval.value; // && !def.catchall;
    const catchall = def.catchall;
    let value;
    inst._zod.parse = (payload, ctx) => {
        value ?? (value = _normalized.value);
        const input = payload.value;
        if (!isObject(input)) {
            payload.issues.push({
                expected: "object",
                code: "invalid_type",
                input,
                inst,
            });
            return payload;
        }
        if (jit && fastEnabled && ctx?.async === false && ctx.jitless !== true) {
            // always synchronous
            if (!fastpass)
                fastpass = generateFastpass(def.shape);
            payload = fastpass(payload, ctx);
            if (!catchall)
                return payload;
            return handleCatchall([], input, payload, ctx, value, inst, ctx?.abortEarly === true);
        }
        return superParse(payload, ctx);
    };
});
function handleUnionResults(results, final, inst, ctx) {
    for (const result of results) {
        if (result.issues.length === 0) {
            final.value = result.value;
            return final;
        }
    }
    const nonaborted = results.filter((r) => !core_util/* aborted */.QH(r));
    if (nonaborted.length === 1) {
        final.value = nonaborted[0].value;
        return nonaborted[0];
    }
    final.issues.push({
        code: "invalid_union",
        input: final.value,
        inst,
        errors: results.map((result) => result.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W()))),
    });
    return final;
}
const $ZodUnion = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodUnion", (inst, def) => {
    $ZodType.init(inst, def);
    core_util/* defineLazyInternal */.v5(inst, "optin", (zod) => zod.def.options.some((o) => o._zod.optin === "defaulted")
        ? "defaulted"
        : zod.def.options.some((o) => o._zod.optin !== undefined)
            ? "optional"
            : undefined);
    core_util/* defineLazyInternal */.v5(inst, "optout", (zod) => zod.def.options.some((o) => o._zod.optout === "optional") ? "optional" : undefined);
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => {
        if (zod.def.options.every((o) => o._zod.values)) {
            return new Set(zod.def.options.flatMap((option) => Array.from(option._zod.values)));
        }
        return undefined;
    });
    core_util/* defineLazyInternal */.v5(inst, "pattern", (zod) => {
        if (zod.def.options.every((o) => o._zod.pattern)) {
            const patterns = zod.def.options.map((o) => o._zod.pattern);
            return new RegExp(`^(${patterns.map((p) => core_util/* cleanRegex */.p6(p.source)).join("|")})$`);
        }
        return undefined;
    });
    const first = def.options.length === 1 ? def.options[0]._zod.run : null;
    inst._zod.parse = (payload, ctx) => {
        if (first) {
            return first(payload, ctx);
        }
        let async = false;
        const results = [];
        for (const option of def.options) {
            const result = option._zod.run({
                value: payload.value,
                issues: [],
            }, ctx);
            if (result instanceof Promise) {
                results.push(result);
                async = true;
            }
            else {
                if (result.issues.length === 0)
                    return result;
                results.push(result);
            }
        }
        if (!async)
            return handleUnionResults(results, payload, inst, ctx);
        return Promise.all(results).then((results) => {
            return handleUnionResults(results, payload, inst, ctx);
        });
    };
});
function handleExclusiveUnionResults(results, final, inst, ctx) {
    const matches = [];
    for (let i = 0; i < results.length; i++) {
        if (results[i].issues.length === 0)
            matches.push(i);
    }
    if (matches.length === 1) {
        final.value = results[matches[0]].value;
        return final;
    }
    if (matches.length === 0) {
        // No matches - same as regular union
        final.issues.push({
            code: "invalid_union",
            input: final.value,
            inst,
            errors: results.map((result) => result.issues.map((iss) => util.finalizeIssue(iss, ctx, core.config()))),
        });
    }
    else {
        // Multiple matches - exclusive union failure
        final.issues.push({
            code: "invalid_union",
            input: final.value,
            inst,
            errors: [],
            inclusive: false,
            matches,
        });
    }
    return final;
}
const $ZodXor = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodXor", (inst, def) => {
    $ZodUnion.init(inst, def);
    def.inclusive = false;
    const first = def.options.length === 1 ? def.options[0]._zod.run : null;
    inst._zod.parse = (payload, ctx) => {
        if (first) {
            return first(payload, ctx);
        }
        let async = false;
        const results = [];
        for (const option of def.options) {
            const result = option._zod.run({
                value: payload.value,
                issues: [],
            }, ctx);
            if (result instanceof Promise) {
                results.push(result);
                async = true;
            }
            else {
                results.push(result);
            }
        }
        if (!async)
            return handleExclusiveUnionResults(results, payload, inst, ctx);
        return Promise.all(results).then((results) => {
            return handleExclusiveUnionResults(results, payload, inst, ctx);
        });
    };
})));
/** Returns the option whose discriminator claims `value`, or throws if ambiguous. */
function getDiscriminatedOption(union, value) {
    const internals = union._zod;
    let map = internals.bag.optionsMap;
    if (!map) {
        map = discriminatorMap(internals.def);
        internals.bag.optionsMap = map;
    }
    const option = map.get(value);
    if (option === null)
        throw new Error(`Ambiguous discriminator value "${String(value)}"`);
    return option;
}
function discriminatorMap(def) {
    const map = new Map();
    for (const option of def.options) {
        const values = option._zod.propValues?.[def.discriminator];
        if (!values || values.size === 0)
            throw new Error(`Invalid discriminated union option at index "${def.options.indexOf(option)}"`);
        for (const value of values) {
            if (map.has(value)) {
                if (value !== undefined)
                    throw new Error(`Duplicate discriminator value "${String(value)}"`);
                // keep the collision marked so a later member cannot reclaim it
                map.set(value, null);
            }
            else {
                map.set(value, option);
            }
        }
    }
    return map;
}
const $ZodDiscriminatedUnion = 
/*@__PURE__*/
core_core/* $constructor */.xI("$ZodDiscriminatedUnion", (inst, def) => {
    def.inclusive = false;
    $ZodUnion.init(inst, def);
    const _super = inst._zod.parse;
    core_util/* defineLazyInternal */.v5(inst, "propValues", (zod) => {
        const propValues = {};
        let undefinedCount = 0;
        for (const option of zod.def.options) {
            const pv = option._zod.propValues;
            if (!pv || Object.keys(pv).length === 0)
                throw new Error(`Invalid discriminated union option at index "${zod.def.options.indexOf(option)}"`);
            if (pv[zod.def.discriminator]?.has(undefined))
                undefinedCount++;
            for (const [k, v] of Object.entries(pv)) {
                if (!Object.prototype.hasOwnProperty.call(propValues, k)) {
                    core_util/* assignProp */.Vy(propValues, k, new Set());
                }
                for (const val of v) {
                    propValues[k].add(val);
                }
            }
        }
        if (!zod.def.unionFallback && undefinedCount > 1)
            propValues[zod.def.discriminator]?.delete(undefined);
        return propValues;
    });
    // Checked now rather than in the lookup map below, so an option that lacks the discriminator fails at the `discriminatedUnion` call instead of on the first object parsed. Options whose shape cannot be enumerated without resolving it — pipes and lazies — are left to the map.
    def.options.forEach((option, i) => {
        const propShape = core_util/* rawShape */.MO(option._zod.def);
        if (propShape && !Object.prototype.hasOwnProperty.call(propShape, def.discriminator)) {
            throw new Error(`Invalid discriminated union option at index "${i}"`);
        }
    });
    const disc = core_util/* cached */.PO(() => discriminatorMap(def));
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        if (!core_util/* isObject */.Gv(input)) {
            payload.issues.push({
                code: "invalid_type",
                expected: "object",
                input,
                inst,
            });
            return payload;
        }
        const value = input?.[def.discriminator];
        const opt = disc.value.get(value);
        // forward metadata cannot choose an encoder for an absent tag
        if (opt && (value !== undefined || ctx.direction !== "backward")) {
            return opt._zod.run(payload, ctx);
        }
        // Fall back to union matching when the fast discriminator path fails:
        // - explicitly enabled via unionFallback, or
        // - during backward direction (encode), since codec-based discriminators have different values in forward vs backward directions
        if (def.unionFallback || ctx.direction === "backward") {
            return _super(payload, ctx);
        }
        // no matching discriminator
        payload.issues.push({
            code: "invalid_union",
            errors: [],
            note: "No matching discriminator",
            discriminator: def.discriminator,
            options: Array.from(disc.value.keys()).filter((value) => disc.value.get(value) !== null),
            input,
            path: [def.discriminator],
            inst,
        });
        return payload;
    };
});
const $ZodIntersection = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodIntersection", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        const left = def.left._zod.run({ value: input, issues: [] }, ctx);
        const right = def.right._zod.run({ value: input, issues: [] }, ctx);
        const async = left instanceof Promise || right instanceof Promise;
        if (async) {
            return Promise.all([left, right]).then(([left, right]) => {
                return handleIntersectionResults(payload, left, right);
            });
        }
        return handleIntersectionResults(payload, left, right);
    };
});
function mergeValues(a, b) {
    // const aType = parse.t(a);
    // const bType = parse.t(b);
    if (a === b) {
        return { valid: true, data: a };
    }
    if (a instanceof Date && b instanceof Date && +a === +b) {
        return { valid: true, data: a };
    }
    if (core_util/* isPlainObject */.Qd(a) && core_util/* isPlainObject */.Qd(b)) {
        const bKeys = Object.keys(b);
        const sharedKeys = Object.keys(a).filter((key) => bKeys.indexOf(key) !== -1);
        const newObj = { ...a, ...b };
        if (Object.prototype.hasOwnProperty.call(newObj, "__proto__"))
            delete newObj.__proto__;
        for (const key of sharedKeys) {
            if (key === "__proto__")
                continue;
            const sharedValue = mergeValues(a[key], b[key]);
            if (!sharedValue.valid) {
                return {
                    valid: false,
                    mergeErrorPath: [key, ...sharedValue.mergeErrorPath],
                };
            }
            newObj[key] = sharedValue.data;
        }
        return { valid: true, data: newObj };
    }
    if (Array.isArray(a) && Array.isArray(b)) {
        if (a.length !== b.length) {
            return { valid: false, mergeErrorPath: [] };
        }
        const newArray = [];
        for (let index = 0; index < a.length; index++) {
            const itemA = a[index];
            const itemB = b[index];
            const sharedValue = mergeValues(itemA, itemB);
            if (!sharedValue.valid) {
                return {
                    valid: false,
                    mergeErrorPath: [index, ...sharedValue.mergeErrorPath],
                };
            }
            newArray.push(sharedValue.data);
        }
        return { valid: true, data: newArray };
    }
    return { valid: false, mergeErrorPath: [] };
}
function handleIntersectionResults(result, left, right) {
    // Track which side(s) reject each key. A key rejection is reported only when BOTH sides reject it, so a key owned by one branch survives the other's key schema. strictObject reports these as unrecognized_keys; a record with an open key schema reports one invalid_key per key.
    const unrecKeys = new Map();
    let unrecIssue;
    const keyIssues = new Map();
    const collect = (iss, side) => {
        let keys;
        if (iss.code === "unrecognized_keys" && !iss.path?.length) {
            unrecIssue ?? (unrecIssue = iss);
            keys = iss.keys;
        }
        else if (iss.code === "invalid_key" && iss.origin === "record" && iss.path?.length === 1) {
            const k = String(iss.path[0]);
            if (!keyIssues.has(k))
                keyIssues.set(k, iss);
            keys = [k];
        }
        else {
            return false;
        }
        for (const k of keys) {
            if (!unrecKeys.has(k))
                unrecKeys.set(k, {});
            unrecKeys.get(k)[side] = true;
        }
        return true;
    };
    for (const iss of left.issues) {
        if (!collect(iss, "l"))
            result.issues.push(iss);
    }
    for (const iss of right.issues) {
        if (!collect(iss, "r"))
            result.issues.push(iss);
    }
    // Report only keys rejected by BOTH sides
    const bothKeys = [...unrecKeys].filter(([, f]) => f.l && f.r).map(([k]) => k);
    if (bothKeys.length) {
        const aggregated = unrecIssue ? bothKeys.filter((k) => unrecIssue.keys.includes(k)) : [];
        if (aggregated.length)
            result.issues.push({ ...unrecIssue, keys: aggregated });
        for (const k of bothKeys) {
            if (!aggregated.includes(k) && keyIssues.has(k))
                result.issues.push(keyIssues.get(k));
        }
    }
    const merged = mergeValues(left.value, right.value);
    if (!merged.valid) {
        if (core_util/* aborted */.QH(result))
            return result;
        throw new Error(`Unmergable intersection. Error path: ` + `${JSON.stringify(merged.mergeErrorPath)}`);
    }
    result.value = merged.data;
    return result;
}
const $ZodTuple = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodTuple", (inst, def) => {
    $ZodType.init(inst, def);
    const items = def.items;
    const memo = core_core/* globalConfig */.cr.memoizer;
    memo?.attach(inst);
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        if (!Array.isArray(input)) {
            payload.issues.push({
                input,
                inst,
                expected: "tuple",
                code: "invalid_type",
            });
            return payload;
        }
        payload.value = memo ? memo.alloc(inst, payload, [], ctx) : [];
        const proms = [];
        const optinStart = getTupleOptStart(items, "optin");
        const optoutStart = getTupleOptStart(items, "optout");
        if (!def.rest) {
            if (input.length < optinStart) {
                payload.issues.push({
                    code: "too_small",
                    minimum: optinStart,
                    inclusive: true,
                    input,
                    inst,
                    origin: "array",
                });
                return payload;
            }
            if (input.length > items.length) {
                payload.issues.push({
                    code: "too_big",
                    maximum: items.length,
                    inclusive: true,
                    input,
                    inst,
                    origin: "array",
                });
            }
        }
        // Run every item in parallel, collecting results into an indexed array. The post-processing in `handleTupleResults` walks them in order so it can decide whether an absent optional-output error can truncate the tail or must be reported to preserve required output.
        const itemResults = new Array(items.length);
        // only tracked when there is a rest loop to skip
        const abortEarly = def.rest ? ctx?.abortEarly : undefined;
        let itemAborted = false;
        for (let i = 0; i < items.length; i++) {
            const r = items[i]._zod.run({ value: input[i], issues: [] }, ctx);
            if (r instanceof Promise) {
                proms.push(r.then((rr) => {
                    itemResults[i] = rr;
                }));
            }
            else {
                itemResults[i] = r;
                if (abortEarly && !itemAborted && r.issues.length)
                    itemAborted = core_util/* aborted */.QH(r);
            }
        }
        // sound because rest is non-empty exactly when every fixed index is present, the one case handleTupleResults cannot discard an item's issues
        if (def.rest && !itemAborted) {
            let i = items.length - 1;
            const rest = input.slice(items.length);
            let seen = payload.issues.length;
            for (const el of rest) {
                if (abortEarly && payload.issues.length !== seen) {
                    if (core_util/* aborted */.QH(payload, seen))
                        break;
                    seen = payload.issues.length;
                }
                i++;
                const result = def.rest._zod.run({ value: el, issues: [] }, ctx);
                if (result instanceof Promise) {
                    proms.push(result.then((r) => handleTupleResult(r, payload, i)));
                }
                else {
                    handleTupleResult(result, payload, i);
                }
            }
        }
        if (proms.length) {
            return Promise.all(proms).then(() => handleTupleResults(itemResults, payload, items, input, optoutStart));
        }
        return handleTupleResults(itemResults, payload, items, input, optoutStart);
    };
});
function getTupleOptStart(items, key) {
    for (let i = items.length - 1; i >= 0; i--) {
        // optin is a three-rung ladder so any rung above `undefined` permits an absent slot; optout stays two-valued.
        const omittable = key === "optin" ? items[i]._zod.optin !== undefined : items[i]._zod.optout === "optional";
        if (!omittable)
            return i + 1;
    }
    return 0;
}
function handleTupleResult(result, final, index) {
    if (result.issues.length) {
        final.issues.push(...core_util/* prefixIssues */.lQ(index, result.issues));
    }
    final.value[index] = result.value;
}
function handleTupleResults(itemResults, final, items, input, optoutStart) {
    // Walk results in order. Mirror $ZodObject's swallow-on-absent-optional rule, but only after `optoutStart`: the first index where the output tuple tail can be absent.
    for (let i = 0; i < items.length; i++) {
        const r = itemResults[i];
        const isPresent = i < input.length;
        // The array analog of `handlePropertyResult`'s absent-key early return: the middle rung permits absence without supplying anything in its place, so the tail truncates here instead of materializing whatever the item made of `undefined`.
        if (!isPresent && i >= optoutStart && items[i]._zod.optin === "optional") {
            final.value.length = i;
            break;
        }
        if (r.issues.length) {
            if (!isPresent && i >= optoutStart) {
                final.value.length = i;
                break;
            }
            final.issues.push(...core_util/* prefixIssues */.lQ(i, r.issues));
        }
        final.value[i] = r.value;
    }
    // Drop trailing slots that produced `undefined` for absent input
    // (the array analog of an absent optional key on an object). The
    // `i >= input.length` floor is critical: an explicit `undefined`
    // *inside* the input must be preserved even when the schema is
    // optional-out (e.g. `z.string().or(z.undefined())` accepting an
    // explicit undefined value).
    for (let i = final.value.length - 1; i >= input.length; i--) {
        if (items[i]._zod.optout === "optional" && final.value[i] === undefined) {
            final.value.length = i;
        }
        else {
            break;
        }
    }
    return final;
}
const $ZodRecord = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodRecord", (inst, def) => {
    $ZodType.init(inst, def);
    const memo = core_core/* globalConfig */.cr.memoizer;
    memo?.attach(inst);
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        if (!core_util/* isPlainObject */.Qd(input)) {
            payload.issues.push({
                expected: "record",
                code: "invalid_type",
                input,
                inst,
            });
            return payload;
        }
        // no guard in either loop below: a record's invalid_key aborts but an enclosing intersection can reconcile it, so a stopped loop hides keys the sibling does not own and the intersection then rejects nothing
        const proms = [];
        const values = def.keyType._zod.values;
        if (values && !def.partial) {
            payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
            const recordKeys = new Set();
            for (const key of values) {
                if (typeof key === "string" || typeof key === "number" || typeof key === "symbol") {
                    recordKeys.add(typeof key === "number" ? key.toString() : key);
                    // A declared __proto__ is stripped but is not an unrecognized key.
                    if (key === "__proto__")
                        continue;
                    const keyResult = def.keyType._zod.run({ value: key, issues: [] }, ctx);
                    if (keyResult instanceof Promise) {
                        throw new Error("Async schemas not supported in object keys currently");
                    }
                    if (keyResult.issues.length) {
                        payload.issues.push({
                            code: "invalid_key",
                            origin: "record",
                            issues: keyResult.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())),
                            input: key,
                            path: [key],
                            inst,
                        });
                        continue;
                    }
                    const outKey = keyResult.value;
                    if (outKey === "__proto__")
                        continue;
                    const result = def.valueType._zod.run({ value: input[key], issues: [] }, ctx);
                    if (result instanceof Promise) {
                        proms.push(result.then((result) => {
                            if (result.issues.length) {
                                payload.issues.push(...core_util/* prefixIssues */.lQ(key, result.issues));
                            }
                            payload.value[outKey] = result.value;
                        }));
                    }
                    else {
                        if (result.issues.length) {
                            payload.issues.push(...core_util/* prefixIssues */.lQ(key, result.issues));
                        }
                        payload.value[outKey] = result.value;
                    }
                }
            }
            let unrecognized;
            for (const key in input) {
                if (!recordKeys.has(key)) {
                    if (def.mode === "loose") {
                        // skip __proto__ so it can't replace the result prototype via the assignment setter on the plain {} we build into
                        if (key === "__proto__")
                            continue;
                        payload.value[key] = input[key];
                    }
                    else {
                        unrecognized = unrecognized ?? [];
                        unrecognized.push(key);
                    }
                }
            }
            if (unrecognized && unrecognized.length > 0) {
                payload.issues.push({
                    code: "unrecognized_keys",
                    input,
                    inst,
                    keys: unrecognized,
                    continue: true,
                });
            }
        }
        else {
            payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
            // An enumerable key schema declares which keys the record owns, so a key outside the set is unrecognized. A non-enumerable one (regex, refine) is a constraint every key must satisfy, so a failing key is invalid. Only the former is reconcilable against the other side of an intersection.
            let unrecognized;
            // Reflect.ownKeys for Symbol-key support; filter non-enumerable to match z.object()
            for (const key of Reflect.ownKeys(input)) {
                if (key === "__proto__")
                    continue;
                if (!Object.prototype.propertyIsEnumerable.call(input, key))
                    continue;
                let keyResult = def.keyType._zod.run({ value: key, issues: [] }, ctx);
                if (keyResult instanceof Promise) {
                    throw new Error("Async schemas not supported in object keys currently");
                }
                // Numeric string fallback: if key is a numeric string and failed, retry with Number(key). This handles z.number(), z.literal([1, 2, 3]), and unions containing numeric literals
                const checkNumericKey = typeof key === "string" && number.test(key) && keyResult.issues.length;
                if (checkNumericKey) {
                    const retryResult = def.keyType._zod.run({ value: Number(key), issues: [] }, ctx);
                    if (retryResult instanceof Promise) {
                        throw new Error("Async schemas not supported in object keys currently");
                    }
                    if (retryResult.issues.length === 0) {
                        keyResult = retryResult;
                    }
                }
                if (keyResult.issues.length) {
                    if (def.mode === "loose") {
                        // Pass through unchanged
                        payload.value[key] = input[key];
                    }
                    else if (values) {
                        unrecognized = unrecognized ?? [];
                        unrecognized.push(key);
                    }
                    else {
                        // Default "strict" behavior: error on invalid key
                        payload.issues.push({
                            code: "invalid_key",
                            origin: "record",
                            issues: keyResult.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())),
                            input: key,
                            path: [key],
                            inst,
                        });
                    }
                    continue;
                }
                // the guard above tests the raw input key, but the key schema can normalize an ordinary key into __proto__; re-check the key we actually write under
                const outKey = keyResult.value;
                if (outKey === "__proto__")
                    continue;
                const result = def.valueType._zod.run({ value: input[key], issues: [] }, ctx);
                if (result instanceof Promise) {
                    proms.push(result.then((result) => {
                        if (result.issues.length) {
                            payload.issues.push(...core_util/* prefixIssues */.lQ(key, result.issues));
                        }
                        payload.value[outKey] = result.value;
                    }));
                }
                else {
                    if (result.issues.length) {
                        payload.issues.push(...core_util/* prefixIssues */.lQ(key, result.issues));
                    }
                    payload.value[outKey] = result.value;
                }
            }
            if (unrecognized && unrecognized.length > 0) {
                payload.issues.push({
                    code: "unrecognized_keys",
                    input,
                    inst,
                    keys: unrecognized,
                    continue: true,
                });
            }
        }
        if (proms.length) {
            return Promise.all(proms).then(() => payload);
        }
        return payload;
    };
});
const $ZodMap = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodMap", (inst, def) => {
    $ZodType.init(inst, def);
    const memo = core.globalConfig.memoizer;
    memo?.attach(inst);
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        if (!(input instanceof Map)) {
            payload.issues.push({
                expected: "map",
                code: "invalid_type",
                input,
                inst,
            });
            return payload;
        }
        const proms = [];
        payload.value = memo ? memo.alloc(inst, payload, new Map(), ctx) : new Map();
        const abortEarly = ctx?.abortEarly;
        let seen = payload.issues.length;
        for (const [key, value] of input) {
            if (abortEarly && payload.issues.length !== seen) {
                if (util.aborted(payload, seen))
                    break;
                seen = payload.issues.length;
            }
            const keyResult = def.keyType._zod.run({ value: key, issues: [] }, ctx);
            const valueResult = def.valueType._zod.run({ value: value, issues: [] }, ctx);
            if (keyResult instanceof Promise || valueResult instanceof Promise) {
                proms.push(Promise.all([keyResult, valueResult]).then(([keyResult, valueResult]) => {
                    handleMapResult(keyResult, valueResult, payload, key, input, inst, ctx);
                }));
            }
            else {
                handleMapResult(keyResult, valueResult, payload, key, input, inst, ctx);
            }
        }
        if (proms.length)
            return Promise.all(proms).then(() => payload);
        return payload;
    };
    capSize(inst, mapSize);
})));
function handleMapResult(keyResult, valueResult, final, key, input, inst, ctx) {
    if (keyResult.issues.length) {
        if (util.propertyKeyTypes.has(typeof key)) {
            final.issues.push(...util.prefixIssues(key, keyResult.issues));
        }
        else {
            final.issues.push({
                code: "invalid_key",
                origin: "map",
                input,
                inst,
                issues: keyResult.issues.map((iss) => util.finalizeIssue(iss, ctx, core.config())),
            });
        }
    }
    if (valueResult.issues.length) {
        if (util.propertyKeyTypes.has(typeof key)) {
            final.issues.push(...util.prefixIssues(key, valueResult.issues));
        }
        else {
            final.issues.push({
                origin: "map",
                code: "invalid_element",
                input,
                inst,
                key: key,
                issues: valueResult.issues.map((iss) => util.finalizeIssue(iss, ctx, core.config())),
            });
        }
    }
    final.value.set(keyResult.value, valueResult.value);
}
const $ZodSet = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodSet", (inst, def) => {
    $ZodType.init(inst, def);
    const memo = core.globalConfig.memoizer;
    memo?.attach(inst);
    inst._zod.parse = (payload, ctx) => {
        const input = payload.value;
        if (!(input instanceof Set)) {
            payload.issues.push({
                input,
                inst,
                expected: "set",
                code: "invalid_type",
            });
            return payload;
        }
        const proms = [];
        payload.value = memo ? memo.alloc(inst, payload, new Set(), ctx) : new Set();
        const abortEarly = ctx?.abortEarly;
        let seen = payload.issues.length;
        for (const item of input) {
            if (abortEarly && payload.issues.length !== seen) {
                if (util.aborted(payload, seen))
                    break;
                seen = payload.issues.length;
            }
            const result = def.valueType._zod.run({ value: item, issues: [] }, ctx);
            if (result instanceof Promise) {
                proms.push(result.then((result) => handleSetResult(result, payload)));
            }
            else
                handleSetResult(result, payload);
        }
        if (proms.length)
            return Promise.all(proms).then(() => payload);
        return payload;
    };
    capSize(inst, setSize);
})));
function handleSetResult(result, final) {
    if (result.issues.length) {
        final.issues.push(...result.issues);
    }
    final.value.add(result.value);
}
const $ZodEnum = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodEnum", (inst, def) => {
    $ZodType.init(inst, def);
    const values = core_util/* getEnumValues */.w5(def.entries);
    const valuesSet = new Set(values);
    inst._zod.values = valuesSet;
    core_util/* defineLazyInternal */.v5(inst, "pattern", (zod) => {
        const patternValues = core_util/* getEnumValues */.w5(zod.def.entries).filter((k) => core_util/* propertyKeyTypes */.qQ.has(typeof k));
        // unmatchable fallback, RE2-safe: an empty alternation would compile to /^()$/, which matches ""
        return new RegExp(patternValues.length ? `^(${patternValues.map((o) => core_util/* escapeRegex */.sD(o.toString())).join("|")})$` : "^[^\\s\\S]$");
    });
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        if (valuesSet.has(input)) {
            return payload;
        }
        payload.issues.push({
            code: "invalid_value",
            values,
            input,
            inst,
        });
        return payload;
    };
});
const $ZodLiteral = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodLiteral", (inst, def) => {
    $ZodType.init(inst, def);
    const values = new Set(def.values);
    inst._zod.values = values;
    core_util/* defineLazyInternal */.v5(inst, "pattern", (zod) => {
        const vals = zod.def.values;
        // unmatchable fallback, RE2-safe: an empty alternation would compile to /^()$/, which matches ""
        return new RegExp(vals.length
            ? `^(${vals
                .map((o) => typeof o === "string" ? core_util/* escapeRegex */.sD(o) : o ? core_util/* escapeRegex */.sD(o.toString()) : String(o))
                .join("|")})$`
            : "^[^\\s\\S]$");
    });
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        if (values.has(input)) {
            return payload;
        }
        payload.issues.push({
            code: "invalid_value",
            values: def.values,
            input,
            inst,
        });
        return payload;
    };
});
const $ZodFile = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodFile", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _ctx) => {
        const input = payload.value;
        // @ts-ignore
        if (input instanceof File)
            return payload;
        payload.issues.push({
            expected: "file",
            code: "invalid_type",
            input,
            inst,
        });
        return payload;
    };
})));
const $ZodTransform = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodTransform", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.optin = "optional";
    core_core/* globalConfig */.cr.memoizer?.guard(inst);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            throw new core_core/* $ZodEncodeError */.cV(inst.constructor.name);
        }
        const _out = def.transform(payload.value, payload);
        if (ctx.async) {
            const output = _out instanceof Promise ? _out : Promise.resolve(_out);
            return output.then((output) => {
                payload.value = output;
                return payload;
            });
        }
        if (_out instanceof Promise) {
            throw new core_core/* $ZodAsyncError */.GT();
        }
        payload.value = _out;
        return payload;
    };
});
function handleOptionalResult(payload, result) {
    // A substituting schema that still failed has no usable answer; yield undefined. Its issues are simply dropped: it ran on a payload of its own, so there is no shared array to truncate and nothing of the caller's to lose with it.
    payload.value = result.issues.length ? undefined : result.value;
    return payload;
}
const $ZodOptional = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodOptional", (inst, def) => {
    $ZodType.init(inst, def);
    // .optional() propagates absence rather than substituting for it, so a defaulted inner keeps its rung.
    core_util/* defineLazyInternal */.v5(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
    inst._zod.optout = "optional";
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => {
        const values = zod.def.innerType._zod.values;
        return values ? new Set([...values, undefined]) : undefined;
    });
    core_util/* defineLazyInternal */.v5(inst, "pattern", (zod) => {
        const pattern = zod.def.innerType._zod.pattern;
        return pattern ? new RegExp(`^(${core_util/* cleanRegex */.p6(pattern.source)})?$`) : undefined;
    });
    inst._zod.parse = (payload, ctx) => {
        if (payload.value === undefined) {
            // Only the top rung substitutes a value for absence; everything else leaves it intact, which is what .optional() means.
            if (def.innerType._zod.optin !== "defaulted")
                return payload;
            // Its own payload, for the same reason $ZodCatch gets one: a pipe forwards an unrecognized key through the caller's issues array, and this must not read that as the substituting schema failing and drop it.
            const result = def.innerType._zod.run({ value: payload.value, issues: [] }, ctx);
            if (result instanceof Promise)
                return result.then((result) => handleOptionalResult(payload, result));
            return handleOptionalResult(payload, result);
        }
        return def.innerType._zod.run(payload, ctx);
    };
});
const $ZodExactOptional = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodExactOptional", (inst, def) => {
    // Call parent init - inherits optin/optout = "optional"
    $ZodOptional.init(inst, def);
    // Override values/pattern to NOT add undefined
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => zod.def.innerType._zod.values);
    core_util/* defineLazyInternal */.v5(inst, "pattern", (zod) => zod.def.innerType._zod.pattern);
    // Override parse to just delegate (no undefined handling)
    inst._zod.parse = (payload, ctx) => {
        return def.innerType._zod.run(payload, ctx);
    };
});
const $ZodNullable = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodNullable", (inst, def) => {
    $ZodType.init(inst, def);
    core_util/* defineLazyInternal */.v5(inst, "optin", (zod) => zod.def.innerType._zod.optin);
    core_util/* defineLazyInternal */.v5(inst, "optout", (zod) => zod.def.innerType._zod.optout);
    core_util/* defineLazyInternal */.v5(inst, "pattern", (zod) => {
        const pattern = zod.def.innerType._zod.pattern;
        return pattern ? new RegExp(`^(${core_util/* cleanRegex */.p6(pattern.source)}|null)$`) : undefined;
    });
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => {
        return zod.def.innerType._zod.values ? new Set([...zod.def.innerType._zod.values, null]) : undefined;
    });
    inst._zod.parse = (payload, ctx) => {
        // Forward direction (decode): allow null to pass through
        if (payload.value === null)
            return payload;
        return def.innerType._zod.run(payload, ctx);
    };
});
const $ZodDefault = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodDefault", (inst, def) => {
    $ZodType.init(inst, def);
    // inst._zod.qin = "true";
    inst._zod.optin = "defaulted";
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => zod.def.innerType._zod.values);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            return def.innerType._zod.run(payload, ctx);
        }
        // Forward direction (decode): apply defaults for undefined input
        if (payload.value === undefined) {
            payload.value = def.defaultValue;
            /**
             * $ZodDefault returns the default value immediately in forward direction.
             * It doesn't pass the default value into the validator ("prefault"). There's no reason to pass the default value through validation. The validity of the default is enforced by TypeScript statically. Otherwise, it's the responsibility of the user to ensure the default is valid. In the case of pipes with divergent in/out types, you can specify the default on the `in` schema of your ZodPipe to set a "prefault" for the pipe.   */
            return payload;
        }
        // Forward direction: continue with default handling
        const result = def.innerType._zod.run(payload, ctx);
        if (result instanceof Promise) {
            return result.then((result) => handleDefaultResult(result, def));
        }
        return handleDefaultResult(result, def);
    };
});
function handleDefaultResult(payload, def) {
    if (payload.value === undefined) {
        payload.value = def.defaultValue;
    }
    return payload;
}
const $ZodPrefault = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodPrefault", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.optin = "defaulted";
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => zod.def.innerType._zod.values);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            return def.innerType._zod.run(payload, ctx);
        }
        // Forward direction (decode): apply prefault for undefined input
        if (payload.value === undefined) {
            payload.value = def.defaultValue;
        }
        return def.innerType._zod.run(payload, ctx);
    };
});
const $ZodNonOptional = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodNonOptional", (inst, def) => {
    $ZodType.init(inst, def);
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => {
        const v = zod.def.innerType._zod.values;
        return v ? new Set([...v].filter((x) => x !== undefined)) : undefined;
    });
    inst._zod.parse = (payload, ctx) => {
        const result = def.innerType._zod.run(payload, ctx);
        if (result instanceof Promise) {
            return result.then((result) => handleNonOptionalResult(result, inst));
        }
        return handleNonOptionalResult(result, inst);
    };
});
function handleNonOptionalResult(payload, inst) {
    if (!payload.issues.length && payload.value === undefined) {
        payload.issues.push({
            code: "invalid_type",
            expected: "nonoptional",
            input: payload.value,
            inst,
        });
    }
    return payload;
}
const $ZodSuccess = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodSuccess", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            throw new core.$ZodEncodeError("ZodSuccess");
        }
        const result = def.innerType._zod.run(payload, ctx);
        if (result instanceof Promise) {
            return result.then((result) => {
                payload.value = result.issues.length === 0;
                return payload;
            });
        }
        payload.value = result.issues.length === 0;
        return payload;
    };
})));
function handleCatchResult(payload, result, def, ctx) {
    if (!result.issues.length) {
        payload.value = result.value;
        // The value carries up, so the flag describing it has to carry with it: a back-edge into a node still being parsed must not be frozen by an enclosing readonly, and its checks belong to the node itself. Guarded so the ordinary case adds no own property.
        if (result.memo)
            payload.memo = true;
        return payload;
    }
    // Spread the inner's own payload, not ours: `value` has to stay the input the catch was handed, and the inner ran on a payload of its own so its issues are already private to this call.
    payload.value = def.catchValue({
        ...result,
        value: payload.value,
        error: {
            issues: result.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())),
        },
        input: payload.value,
    });
    return payload;
}
const $ZodCatch = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCatch", (inst, def) => {
    $ZodType.init(inst, def);
    core_util/* defineLazyInternal */.v5(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
    core_util/* defineLazyInternal */.v5(inst, "optout", (zod) => zod.def.innerType._zod.optout);
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => zod.def.innerType._zod.values);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            return def.innerType._zod.run(payload, ctx);
        }
        // Forward direction (decode): apply catch logic
        const result = def.innerType._zod.run({ value: payload.value, issues: [] }, ctx);
        if (result instanceof Promise) {
            return result.then((result) => handleCatchResult(payload, result, def, ctx));
        }
        return handleCatchResult(payload, result, def, ctx);
    };
});
const $ZodNaN = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodNaN", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _ctx) => {
        if (typeof payload.value !== "number" || !Number.isNaN(payload.value)) {
            payload.issues.push({
                input: payload.value,
                inst,
                expected: "nan",
                code: "invalid_type",
            });
            return payload;
        }
        return payload;
    };
})));
const $ZodPipe = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodPipe", (inst, def) => {
    $ZodType.init(inst, def);
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => zod.def.in._zod.values);
    core_util/* defineLazyInternal */.v5(inst, "optin", (zod) => zod.def.in._zod.optin);
    core_util/* defineLazyInternal */.v5(inst, "optout", (zod) => zod.def.out._zod.optout);
    core_util/* defineLazyInternal */.v5(inst, "propValues", (zod) => zod.def.in._zod.propValues);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            const right = def.out._zod.run(payload, ctx);
            if (right instanceof Promise) {
                return right.then((right) => handlePipeResult(right, def.in, ctx));
            }
            return handlePipeResult(right, def.in, ctx);
        }
        const left = def.in._zod.run(payload, ctx);
        if (left instanceof Promise) {
            return left.then((left) => handlePipeResult(left, def.out, ctx));
        }
        return handlePipeResult(left, def.out, ctx);
    };
});
function handlePipeResult(left, next, ctx) {
    // Any issue stops the pipe, so a failing refinement never feeds its transform. An unrecognized key is the exception: it describes the input's extra properties, not the value being piped, and an enclosing intersection may yet reconcile it.
    if (left.issues.some((iss) => iss.code !== "unrecognized_keys")) {
        // prevent further checks
        left.aborted = true;
        return left;
    }
    return next._zod.run({ value: left.value, issues: left.issues }, ctx);
}
const $ZodCodec = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodCodec", (inst, def) => {
    $ZodType.init(inst, def);
    util.defineLazyInternal(inst, "values", (zod) => zod.def.in._zod.values);
    util.defineLazyInternal(inst, "optin", (zod) => zod.def.in._zod.optin);
    util.defineLazyInternal(inst, "optout", (zod) => zod.def.out._zod.optout);
    util.defineLazyInternal(inst, "propValues", (zod) => zod.def.in._zod.propValues);
    inst._zod.parse = (payload, ctx) => {
        const direction = ctx.direction || "forward";
        if (direction === "forward") {
            const left = def.in._zod.run(payload, ctx);
            if (left instanceof Promise) {
                return left.then((left) => handleCodecAResult(left, def, ctx));
            }
            return handleCodecAResult(left, def, ctx);
        }
        else {
            const right = def.out._zod.run(payload, ctx);
            if (right instanceof Promise) {
                return right.then((right) => handleCodecAResult(right, def, ctx));
            }
            return handleCodecAResult(right, def, ctx);
        }
    };
})));
function handleCodecAResult(result, def, ctx) {
    if (result.issues.length) {
        // prevent further checks
        result.aborted = true;
        return result;
    }
    const direction = ctx.direction || "forward";
    if (direction === "forward") {
        const transformed = def.transform(result.value, result);
        if (transformed instanceof Promise) {
            return transformed.then((value) => handleCodecTxResult(result, value, def.out, ctx));
        }
        return handleCodecTxResult(result, transformed, def.out, ctx);
    }
    else {
        const transformed = def.reverseTransform(result.value, result);
        if (transformed instanceof Promise) {
            return transformed.then((value) => handleCodecTxResult(result, value, def.in, ctx));
        }
        return handleCodecTxResult(result, transformed, def.in, ctx);
    }
}
function handleCodecTxResult(left, value, nextSchema, ctx) {
    // Check if transform added any issues
    if (left.issues.length) {
        left.aborted = true;
        return left;
    }
    return nextSchema._zod.run({ value, issues: left.issues }, ctx);
}
const $ZodPreprocess = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodPreprocess", (inst, def) => {
    $ZodPipe.init(inst, def);
})));
const $ZodReadonly = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodReadonly", (inst, def) => {
    $ZodType.init(inst, def);
    core_util/* defineLazyInternal */.v5(inst, "propValues", (zod) => zod.def.innerType._zod.propValues);
    core_util/* defineLazyInternal */.v5(inst, "values", (zod) => zod.def.innerType._zod.values);
    core_util/* defineLazyInternal */.v5(inst, "optin", (zod) => zod.def.innerType?._zod?.optin);
    core_util/* defineLazyInternal */.v5(inst, "optout", (zod) => zod.def.innerType?._zod?.optout);
    inst._zod.parse = (payload, ctx) => {
        if (ctx.direction === "backward") {
            return def.innerType._zod.run(payload, ctx);
        }
        const result = def.innerType._zod.run(payload, ctx);
        if (result instanceof Promise) {
            return result.then(handleReadonlyResult);
        }
        return handleReadonlyResult(result);
    };
});
function handleReadonlyResult(payload) {
    // A repeat visit hands back a node that is still being built; freezing it here would make the rest of its keys fail to assign.
    if (!payload.memo)
        payload.value = Object.freeze(payload.value);
    return payload;
}
// a leaf's pattern source with its own checks folded in: the last pattern-carrying check wins, else length bounds narrow the catch-all, else an integer format narrows the number form. the fold lives here instead of on `_zod.pattern` so a bundle without template literals never pays for it
function leafPattern(schema) {
    const def = schema._zod.def;
    let pattern = def.pattern;
    let isInt = !!def.format?.includes("int");
    let minimum;
    let maximum;
    for (const ch of def.checks ?? []) {
        const d = ch._zod.def;
        if (d.pattern)
            pattern = d.pattern;
        isInt || (isInt = !!d.format?.includes("int"));
        const lo = d.minimum ?? d.length;
        const hi = d.maximum ?? d.length;
        if (lo !== undefined && (minimum === undefined || lo > minimum))
            minimum = lo;
        if (hi !== undefined && (maximum === undefined || hi < maximum))
            maximum = hi;
    }
    if (pattern)
        return pattern.source;
    // an empty range matches nothing at runtime, and `{8,5}` is not a legal quantifier
    if (minimum !== undefined && maximum !== undefined && minimum > maximum)
        return "(?!)";
    if (minimum !== undefined || maximum !== undefined)
        return regexes.string({ minimum, maximum }).source;
    const own = schema._zod.pattern;
    return (isInt && own === regexes.number ? regexes.integer : own)?.source;
}
// a part's pattern source. a wrapper's pattern embeds its inner pattern's source verbatim, so the folded form is substituted in place without knowing the wrapper's own composition; a union's options are joined the way the union builds its own pattern
function partPattern(schema) {
    const def = schema._zod.def;
    const own = schema._zod.pattern?.source;
    // lazy resolves its inner on the internals, not the def
    const inner = def.innerType ?? schema._zod.innerType;
    if (inner) {
        const before = inner._zod.pattern?.source;
        const after = partPattern(inner);
        if (own && before && after && after !== before) {
            return own.replace(util.cleanRegex(before), () => util.cleanRegex(after));
        }
        return own;
    }
    if (def.options) {
        const sources = def.options.map(partPattern);
        if (sources.every(Boolean))
            return `^(${sources.map((s) => util.cleanRegex(s)).join("|")})$`;
    }
    return leafPattern(schema);
}
const $ZodTemplateLiteral = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodTemplateLiteral", (inst, def) => {
    $ZodType.init(inst, def);
    const regexParts = [];
    for (const part of def.parts) {
        if (typeof part === "object" && part !== null) {
            // is Zod schema
            const source = partPattern(part);
            if (!source) {
                throw new Error(`Invalid template literal part, no pattern found: ${[...part._zod.traits].shift()}`);
            }
            regexParts.push(util.cleanRegex(source));
        }
        else if (part === null || util.primitiveTypes.has(typeof part)) {
            regexParts.push(util.escapeRegex(`${part}`));
        }
        else {
            throw new Error(`Invalid template literal part: ${part}`);
        }
    }
    inst._zod.pattern = new RegExp(`^${regexParts.join("")}$`);
    inst._zod.parse = (payload, _ctx) => {
        if (typeof payload.value !== "string") {
            payload.issues.push({
                input: payload.value,
                inst,
                expected: "string",
                code: "invalid_type",
            });
            return payload;
        }
        inst._zod.pattern.lastIndex = 0;
        if (!inst._zod.pattern.test(payload.value)) {
            payload.issues.push({
                input: payload.value,
                inst,
                code: "invalid_format",
                format: def.format ?? "template_literal",
                pattern: inst._zod.pattern.source,
            });
            return payload;
        }
        return payload;
    };
})));
const $ZodFunction = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodFunction", (inst, def) => {
    $ZodType.init(inst, def);
    // Defined, not assigned: the classic prototype exposes `_def` as a getter with no setter.
    Object.defineProperty(inst, "_def", { value: def });
    inst._zod.def = def;
    inst.implement = (func) => {
        if (typeof func !== "function") {
            throw new Error("implement() must be called with a function");
        }
        // Defined inline so the closure stays anonymous: binding it to a `const` first names it, which costs 256 bytes per implemented function.
        return Object.defineProperty(function (...args) {
            const parsedArgs = inst._def.input ? parse(inst._def.input, args) : args;
            const result = Reflect.apply(func, this, parsedArgs);
            if (inst._def.output) {
                return parse(inst._def.output, result);
            }
            return result;
        }, "_zod", { value: inst._zod, enumerable: false });
    };
    inst.implementAsync = (func) => {
        if (typeof func !== "function") {
            throw new Error("implementAsync() must be called with a function");
        }
        return Object.defineProperty(async function (...args) {
            const parsedArgs = inst._def.input ? await parseAsync(inst._def.input, args) : args;
            const result = await Reflect.apply(func, this, parsedArgs);
            if (inst._def.output) {
                return await parseAsync(inst._def.output, result);
            }
            return result;
        }, "_zod", { value: inst._zod, enumerable: false });
    };
    inst._zod.parse = (payload, _ctx) => {
        if (typeof payload.value !== "function") {
            payload.issues.push({
                code: "invalid_type",
                expected: "function",
                input: payload.value,
                inst,
            });
            return payload;
        }
        // Check if output is a promise type to determine if we should use async implementation
        const hasPromiseOutput = inst._def.output && inst._def.output._zod.def.type === "promise";
        if (hasPromiseOutput) {
            payload.value = inst.implementAsync(payload.value);
        }
        else {
            payload.value = inst.implement(payload.value);
        }
        return payload;
    };
    inst.input = (...args) => {
        const F = inst.constructor;
        if (Array.isArray(args[0])) {
            return new F({
                type: "function",
                input: new $ZodTuple({
                    type: "tuple",
                    items: args[0],
                    rest: args[1],
                }),
                output: inst._def.output,
            });
        }
        return new F({
            type: "function",
            input: args[0],
            output: inst._def.output,
        });
    };
    inst.output = (output) => {
        const F = inst.constructor;
        return new F({
            type: "function",
            input: inst._def.input,
            output,
        });
    };
    return inst;
})));
const $ZodPromise = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodPromise", (inst, def) => {
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, ctx) => {
        return Promise.resolve(payload.value).then((inner) => def.innerType._zod.run({ value: inner, issues: [] }, ctx));
    };
})));
const $ZodLazy = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("$ZodLazy", (inst, def) => {
    $ZodType.init(inst, def);
    // Cache the resolved inner type on the shared `def` so all clones of this lazy (e.g. via `.describe()`/`.meta()`) share the same inner instance, preserving identity for cycle detection on recursive schemas.
    util.defineLazy(inst._zod, "innerType", () => {
        const d = def;
        if (!d._cachedInner)
            d._cachedInner = def.getter();
        return d._cachedInner;
    });
    util.defineLazyInternal(inst, "pattern", (zod) => zod.innerType?._zod?.pattern);
    util.defineLazyInternal(inst, "propValues", (zod) => zod.innerType?._zod?.propValues);
    util.defineLazyInternal(inst, "optin", (zod) => zod.innerType?._zod?.optin ?? undefined);
    util.defineLazyInternal(inst, "optout", (zod) => zod.innerType?._zod?.optout ?? undefined);
    inst._zod.parse = (payload, ctx) => {
        const inner = inst._zod.innerType;
        return inner._zod.run(payload, ctx);
    };
})));
const $ZodCustom = /*@__PURE__*/ core_core/* $constructor */.xI("$ZodCustom", (inst, def) => {
    $ZodCheck.init(inst, def);
    $ZodType.init(inst, def);
    inst._zod.parse = (payload, _) => {
        return payload;
    };
    inst._zod.check = (payload) => {
        const input = payload.value;
        const r = def.fn(input);
        if (r instanceof Promise) {
            return r.then((r) => handleRefineResult(r, payload, input, inst));
        }
        handleRefineResult(r, payload, input, inst);
        return;
    };
});
function handleRefineResult(result, payload, input, inst) {
    if (!result) {
        const _iss = {
            code: "custom",
            input,
            inst, // incorporates params.error into issue reporting
            path: [...(inst._zod.def.path ?? [])], // incorporates params.error into issue reporting
            continue: !inst._zod.def.abort,
            // params: inst._zod.def.params,
        };
        if (inst._zod.def.params)
            _iss.params = inst._zod.def.params;
        payload.issues.push(core_util/* issue */.sn(_iss));
    }
}

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/registries.js
var _a;
const $output = /*@__PURE__*/ (/* unused pure expression or super */ null && (Symbol("ZodOutput")));
const $input = /*@__PURE__*/ (/* unused pure expression or super */ null && (Symbol("ZodInput")));
class $ZodRegistry {
    constructor() {
        this._map = new WeakMap();
        this._idmap = new Map();
    }
    add(schema, ..._meta) {
        const meta = _meta[0];
        this._map.set(schema, meta);
        if (meta && typeof meta === "object" && "id" in meta) {
            this._idmap.set(meta.id, schema);
        }
        return this;
    }
    clear() {
        this._map = new WeakMap();
        this._idmap = new Map();
        return this;
    }
    remove(schema) {
        const meta = this._map.get(schema);
        if (meta && typeof meta === "object" && "id" in meta) {
            this._idmap.delete(meta.id);
        }
        this._map.delete(schema);
        return this;
    }
    get(schema) {
        // return this._map.get(schema) as any;
        // inherit metadata
        const p = schema._zod.parent;
        if (p) {
            const pm = { ...(this.get(p) ?? {}) };
            delete pm.id; // do not inherit id
            const f = { ...pm, ...this._map.get(schema) };
            return Object.keys(f).length ? f : undefined;
        }
        return this._map.get(schema);
    }
    has(schema) {
        return this._map.has(schema);
    }
}
// registries
function registry() {
    return new $ZodRegistry();
}
(_a = globalThis).__zod_globalRegistry ?? (_a.__zod_globalRegistry = registry());
const globalRegistry = globalThis.__zod_globalRegistry;

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/api.js




function snapshotChecks(def) {
    if (def.checks)
        def.checks = [...def.checks];
    return def;
}
// @__NO_SIDE_EFFECTS__
function _string(Class, params) {
    return new Class(snapshotChecks({ type: "string", ...core_util/* normalizeParams */.A2(params) }));
}
// @__NO_SIDE_EFFECTS__
function _coercedString(Class, params) {
    return new Class(snapshotChecks({ type: "string", coerce: true, ...util.normalizeParams(params) }));
}
// @__NO_SIDE_EFFECTS__
function _email(Class, params) {
    return new Class({
        type: "string",
        format: "email",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _guid(Class, params) {
    return new Class({
        type: "string",
        format: "guid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uuid(Class, params) {
    return new Class({
        type: "string",
        format: "uuid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uuidv4(Class, params) {
    return new Class({
        type: "string",
        format: "uuid",
        check: "string_format",
        abort: false,
        version: "v4",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uuidv6(Class, params) {
    return new Class({
        type: "string",
        format: "uuid",
        check: "string_format",
        abort: false,
        version: "v6",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uuidv7(Class, params) {
    return new Class({
        type: "string",
        format: "uuid",
        check: "string_format",
        abort: false,
        version: "v7",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _url(Class, params) {
    return new Class({
        type: "string",
        format: "url",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function api_emoji(Class, params) {
    return new Class({
        type: "string",
        format: "emoji",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _nanoid(Class, params) {
    return new Class({
        type: "string",
        format: "nanoid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
/**
 * @deprecated CUID v1 is deprecated by its authors due to information leakage
 * (timestamps embedded in the id). Use {@link _cuid2} instead.
 * See https://github.com/paralleldrive/cuid.
 */
// @__NO_SIDE_EFFECTS__
function _cuid(Class, params) {
    return new Class({
        type: "string",
        format: "cuid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _cuid2(Class, params) {
    return new Class({
        type: "string",
        format: "cuid2",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _ulid(Class, params) {
    return new Class({
        type: "string",
        format: "ulid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _xid(Class, params) {
    return new Class({
        type: "string",
        format: "xid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _ksuid(Class, params) {
    return new Class({
        type: "string",
        format: "ksuid",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _ipv4(Class, params) {
    return new Class({
        type: "string",
        format: "ipv4",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _ipv6(Class, params) {
    return new Class({
        type: "string",
        format: "ipv6",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _mac(Class, params) {
    return new Class({
        type: "string",
        format: "mac",
        check: "string_format",
        abort: false,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _cidrv4(Class, params) {
    return new Class({
        type: "string",
        format: "cidrv4",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _cidrv6(Class, params) {
    return new Class({
        type: "string",
        format: "cidrv6",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _base64(Class, params) {
    return new Class({
        type: "string",
        format: "base64",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _base64url(Class, params) {
    return new Class({
        type: "string",
        format: "base64url",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _e164(Class, params) {
    return new Class({
        type: "string",
        format: "e164",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _creditCard(Class, params) {
    return new Class({
        type: "string",
        format: "credit_card",
        check: "string_format",
        abort: false,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _iban(Class, params) {
    return new Class({
        type: "string",
        format: "iban",
        check: "string_format",
        abort: false,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _jwt(Class, params) {
    return new Class({
        type: "string",
        format: "jwt",
        check: "string_format",
        abort: false,
        ...core_util/* normalizeParams */.A2(params),
    });
}
const TimePrecision = {
    Any: null,
    Minute: -1,
    Second: 0,
    Millisecond: 3,
    Microsecond: 6,
};
// @__NO_SIDE_EFFECTS__
function _isoDateTime(Class, params) {
    return new Class({
        type: "string",
        format: "datetime",
        check: "string_format",
        offset: false,
        local: false,
        precision: null,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _isoDate(Class, params) {
    return new Class({
        type: "string",
        format: "date",
        check: "string_format",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _isoTime(Class, params) {
    return new Class({
        type: "string",
        format: "time",
        check: "string_format",
        precision: null,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _isoDuration(Class, params) {
    return new Class({
        type: "string",
        format: "duration",
        check: "string_format",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _number(Class, params) {
    return new Class(snapshotChecks({ type: "number", checks: [], ...core_util/* normalizeParams */.A2(params) }));
}
// @__NO_SIDE_EFFECTS__
function _coercedNumber(Class, params) {
    return new Class(snapshotChecks({ type: "number", coerce: true, checks: [], ...util.normalizeParams(params) }));
}
// @__NO_SIDE_EFFECTS__
function _int(Class, params) {
    return new Class({
        type: "number",
        check: "number_format",
        abort: false,
        format: "safeint",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _float32(Class, params) {
    return new Class({
        type: "number",
        check: "number_format",
        abort: false,
        format: "float32",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _float64(Class, params) {
    return new Class({
        type: "number",
        check: "number_format",
        abort: false,
        format: "float64",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _int32(Class, params) {
    return new Class({
        type: "number",
        check: "number_format",
        abort: false,
        format: "int32",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uint32(Class, params) {
    return new Class({
        type: "number",
        check: "number_format",
        abort: false,
        format: "uint32",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _boolean(Class, params) {
    return new Class({
        type: "boolean",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _coercedBoolean(Class, params) {
    return new Class({
        type: "boolean",
        coerce: true,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _bigint(Class, params) {
    return new Class({
        type: "bigint",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _coercedBigint(Class, params) {
    return new Class({
        type: "bigint",
        coerce: true,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _int64(Class, params) {
    return new Class({
        type: "bigint",
        check: "bigint_format",
        abort: false,
        format: "int64",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uint64(Class, params) {
    return new Class({
        type: "bigint",
        check: "bigint_format",
        abort: false,
        format: "uint64",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _symbol(Class, params) {
    return new Class({
        type: "symbol",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function api_undefined(Class, params) {
    return new Class({
        type: "undefined",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function api_null(Class, params) {
    return new Class({
        type: "null",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _any(Class) {
    return new Class({
        type: "any",
    });
}
// @__NO_SIDE_EFFECTS__
function _unknown(Class) {
    return new Class({
        type: "unknown",
    });
}
// @__NO_SIDE_EFFECTS__
function _never(Class, params) {
    return new Class({
        type: "never",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _void(Class, params) {
    return new Class({
        type: "void",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _date(Class, params) {
    return new Class({
        type: "date",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _coercedDate(Class, params) {
    return new Class({
        type: "date",
        coerce: true,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _nan(Class, params) {
    return new Class({
        type: "nan",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _lt(value, params) {
    return new $ZodCheckLessThan({
        check: "less_than",
        ...core_util/* normalizeParams */.A2(params),
        value,
        inclusive: false,
    });
}
// @__NO_SIDE_EFFECTS__
function _lte(value, params) {
    return new $ZodCheckLessThan({
        check: "less_than",
        ...core_util/* normalizeParams */.A2(params),
        value,
        inclusive: true,
    });
}

// @__NO_SIDE_EFFECTS__
function _gt(value, params) {
    return new $ZodCheckGreaterThan({
        check: "greater_than",
        ...core_util/* normalizeParams */.A2(params),
        value,
        inclusive: false,
    });
}
// @__NO_SIDE_EFFECTS__
function _gte(value, params) {
    return new $ZodCheckGreaterThan({
        check: "greater_than",
        ...core_util/* normalizeParams */.A2(params),
        value,
        inclusive: true,
    });
}

// @__NO_SIDE_EFFECTS__
function _positive(params) {
    return _gt(0, params);
}
// negative
// @__NO_SIDE_EFFECTS__
function _negative(params) {
    return _lt(0, params);
}
// nonpositive
// @__NO_SIDE_EFFECTS__
function _nonpositive(params) {
    return _lte(0, params);
}
// nonnegative
// @__NO_SIDE_EFFECTS__
function _nonnegative(params) {
    return _gte(0, params);
}
// @__NO_SIDE_EFFECTS__
function _multipleOf(value, params) {
    return new $ZodCheckMultipleOf({
        check: "multiple_of",
        ...core_util/* normalizeParams */.A2(params),
        value,
    });
}
// @__NO_SIDE_EFFECTS__
function _maxSize(maximum, params) {
    return new checks.$ZodCheckMaxSize({
        check: "max_size",
        ...util.normalizeParams(params),
        maximum,
    });
}
// @__NO_SIDE_EFFECTS__
function _minSize(minimum, params) {
    return new checks.$ZodCheckMinSize({
        check: "min_size",
        ...util.normalizeParams(params),
        minimum,
    });
}
// @__NO_SIDE_EFFECTS__
function _size(size, params) {
    return new checks.$ZodCheckSizeEquals({
        check: "size_equals",
        ...util.normalizeParams(params),
        size,
    });
}
// @__NO_SIDE_EFFECTS__
function _maxLength(maximum, params) {
    const ch = new $ZodCheckMaxLength({
        check: "max_length",
        ...core_util/* normalizeParams */.A2(params),
        maximum,
    });
    return ch;
}
// @__NO_SIDE_EFFECTS__
function _minLength(minimum, params) {
    return new $ZodCheckMinLength({
        check: "min_length",
        ...core_util/* normalizeParams */.A2(params),
        minimum,
    });
}
// @__NO_SIDE_EFFECTS__
function _length(length, params) {
    return new $ZodCheckLengthEquals({
        check: "length_equals",
        ...core_util/* normalizeParams */.A2(params),
        length,
    });
}
// @__NO_SIDE_EFFECTS__
function _regex(pattern, params) {
    return new $ZodCheckRegex({
        check: "string_format",
        format: "regex",
        ...core_util/* normalizeParams */.A2(params),
        pattern,
    });
}
// @__NO_SIDE_EFFECTS__
function _lowercase(params) {
    return new $ZodCheckLowerCase({
        check: "string_format",
        format: "lowercase",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _uppercase(params) {
    return new $ZodCheckUpperCase({
        check: "string_format",
        format: "uppercase",
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _includes(includes, params) {
    return new $ZodCheckIncludes({
        check: "string_format",
        format: "includes",
        ...core_util/* normalizeParams */.A2(params),
        includes,
    });
}
// @__NO_SIDE_EFFECTS__
function _startsWith(prefix, params) {
    return new $ZodCheckStartsWith({
        check: "string_format",
        format: "starts_with",
        ...core_util/* normalizeParams */.A2(params),
        prefix,
    });
}
// @__NO_SIDE_EFFECTS__
function _endsWith(suffix, params) {
    return new $ZodCheckEndsWith({
        check: "string_format",
        format: "ends_with",
        ...core_util/* normalizeParams */.A2(params),
        suffix,
    });
}
// @__NO_SIDE_EFFECTS__
function _property(property, schema, params) {
    return new checks.$ZodCheckProperty({
        check: "property",
        property,
        schema,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _properties(shape, params) {
    return new $ZodCheckProperties({
        check: "properties",
        shape,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _mime(types, params) {
    return new checks.$ZodCheckMimeType({
        check: "mime_type",
        mime: types,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _overwrite(tx) {
    return new $ZodCheckOverwrite({
        check: "overwrite",
        tx,
    });
}
// normalize
// @__NO_SIDE_EFFECTS__
function _normalize(form) {
    return _overwrite((input) => input.normalize(form));
}
// trim
// @__NO_SIDE_EFFECTS__
function _trim() {
    return _overwrite((input) => input.trim());
}
// toLowerCase
// @__NO_SIDE_EFFECTS__
function _toLowerCase() {
    return _overwrite((input) => input.toLowerCase());
}
// toUpperCase
// @__NO_SIDE_EFFECTS__
function _toUpperCase() {
    return _overwrite((input) => input.toUpperCase());
}
// slugify
// @__NO_SIDE_EFFECTS__
function _slugify() {
    return _overwrite((input) => core_util/* slugify */.Yv(input));
}
// @__NO_SIDE_EFFECTS__
function _array(Class, element, params) {
    return new Class({
        type: "array",
        element,
        // get element() {
        //   return element;
        // },
        ...core_util/* normalizeParams */.A2(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _union(Class, options, params) {
    return new Class({
        type: "union",
        options,
        ...util.normalizeParams(params),
    });
}
function _xor(Class, options, params) {
    return new Class({
        type: "union",
        options,
        inclusive: false,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _discriminatedUnion(Class, discriminator, options, params) {
    return new Class({
        type: "union",
        options: options,
        discriminator,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _intersection(Class, left, right) {
    return new Class({
        type: "intersection",
        left,
        right,
    });
}
// export function _tuple(
//   Class: util.SchemaClass<schemas.$ZodTuple>,
//   items: [],
//   params?: string | $ZodTupleParams
// ): schemas.$ZodTuple<[], null>;
// @__NO_SIDE_EFFECTS__
function _tuple(Class, items, _paramsOrRest, _params) {
    const hasRest = _paramsOrRest instanceof schemas.$ZodType;
    const params = hasRest ? _params : _paramsOrRest;
    const rest = hasRest ? _paramsOrRest : null;
    return new Class({
        type: "tuple",
        items,
        rest,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _record(Class, keyType, valueType, params) {
    return new Class({
        type: "record",
        keyType,
        valueType,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _map(Class, keyType, valueType, params) {
    return new Class({
        type: "map",
        keyType,
        valueType,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _set(Class, valueType, params) {
    return new Class({
        type: "set",
        valueType,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _enum(Class, values, params) {
    const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
    // if (Array.isArray(values)) {
    //   for (const value of values) {
    //     entries[value] = value;
    //   }
    // } else {
    //   Object.assign(entries, values);
    // }
    // const entries: util.EnumLike = {};
    // for (const val of values) {
    //   entries[val] = val;
    // }
    return new Class({
        type: "enum",
        entries,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
/** @deprecated This API has been merged into `z.enum()`. Use `z.enum()` instead.
 *
 * ```ts
 * enum Colors { red, green, blue }
 * z.enum(Colors);
 * ```
 */
function _nativeEnum(Class, entries, params) {
    return new Class({
        type: "enum",
        entries,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _literal(Class, value, params) {
    return new Class({
        type: "literal",
        values: Array.isArray(value) ? value : [value],
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _file(Class, params) {
    return new Class({
        type: "file",
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _transform(Class, fn) {
    return new Class({
        type: "transform",
        transform: fn,
    });
}
// @__NO_SIDE_EFFECTS__
function _optional(Class, innerType) {
    return new Class({
        type: "optional",
        innerType,
    });
}
// @__NO_SIDE_EFFECTS__
function _nullable(Class, innerType) {
    return new Class({
        type: "nullable",
        innerType,
    });
}
// @__NO_SIDE_EFFECTS__
function _default(Class, innerType, defaultValue) {
    return new Class({
        type: "default",
        innerType,
        get defaultValue() {
            return typeof defaultValue === "function" ? defaultValue() : util.shallowClone(defaultValue);
        },
    });
}
// @__NO_SIDE_EFFECTS__
function _nonoptional(Class, innerType, params) {
    return new Class({
        type: "nonoptional",
        innerType,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _success(Class, innerType) {
    return new Class({
        type: "success",
        innerType,
    });
}
// @__NO_SIDE_EFFECTS__
function _catch(Class, innerType, catchValue) {
    return new Class({
        type: "catch",
        innerType,
        catchValue: (typeof catchValue === "function" ? catchValue : util.constantCatch(catchValue)),
    });
}
// @__NO_SIDE_EFFECTS__
function _pipe(Class, in_, out) {
    return new Class({
        type: "pipe",
        in: in_,
        out,
    });
}
// @__NO_SIDE_EFFECTS__
function _readonly(Class, innerType) {
    return new Class({
        type: "readonly",
        innerType,
    });
}
// @__NO_SIDE_EFFECTS__
function _templateLiteral(Class, parts, params) {
    return new Class({
        type: "template_literal",
        parts,
        ...util.normalizeParams(params),
    });
}
// @__NO_SIDE_EFFECTS__
function _lazy(Class, getter) {
    return new Class({
        type: "lazy",
        getter,
    });
}
// @__NO_SIDE_EFFECTS__
function _promise(Class, innerType) {
    return new Class({
        type: "promise",
        innerType,
    });
}
// @__NO_SIDE_EFFECTS__
function _custom(Class, fn, _params) {
    const norm = util.normalizeParams(_params);
    norm.abort ?? (norm.abort = true); // default to abort:false
    const schema = new Class({
        type: "custom",
        check: "custom",
        fn: fn,
        ...norm,
    });
    return schema;
}
// same as _custom but defaults to abort:false
// @__NO_SIDE_EFFECTS__
function _refine(Class, fn, _params) {
    const schema = new Class({
        type: "custom",
        check: "custom",
        fn: fn,
        ...core_util/* normalizeParams */.A2(_params),
    });
    return schema;
}
// @__NO_SIDE_EFFECTS__
function _superRefine(fn, params) {
    const ch = _check((payload) => {
        payload.addIssue = (issue) => {
            if (typeof issue === "string") {
                payload.issues.push(core_util/* issue */.sn(issue, payload.value, ch._zod.def));
            }
            else {
                // for Zod 3 backwards compatibility
                const _issue = issue;
                if (_issue.fatal)
                    _issue.continue = false;
                _issue.code ?? (_issue.code = "custom");
                if (!("input" in _issue))
                    _issue.input = payload.value;
                _issue.inst ?? (_issue.inst = ch);
                _issue.continue ?? (_issue.continue = !ch._zod.def.abort); // abort is always undefined, so this is always true...
                payload.issues.push(core_util/* issue */.sn(_issue));
            }
        };
        return fn(payload.value, payload);
    }, params);
    return ch;
}
// @__NO_SIDE_EFFECTS__
function _check(fn, params) {
    const ch = new $ZodCheck({
        check: "custom",
        ...core_util/* normalizeParams */.A2(params),
    });
    ch._zod.check = fn;
    return ch;
}
// @__NO_SIDE_EFFECTS__
function describe(description) {
    const ch = new $ZodCheck({ check: "describe" });
    ch._zod.onattach = [
        (inst) => {
            const existing = globalRegistry.get(inst) ?? {};
            globalRegistry.add(inst, { ...existing, description });
        },
    ];
    ch._zod.check = () => { }; // no-op check
    return ch;
}
// @__NO_SIDE_EFFECTS__
function meta(metadata) {
    const ch = new $ZodCheck({ check: "meta" });
    ch._zod.onattach = [
        (inst) => {
            const existing = globalRegistry.get(inst) ?? {};
            globalRegistry.add(inst, { ...existing, ...metadata });
        },
    ];
    ch._zod.check = () => { }; // no-op check
    return ch;
}
// @__NO_SIDE_EFFECTS__
function _stringbool(Classes, _params) {
    const params = util.normalizeParams(_params);
    let truthyArray = params.truthy ?? ["true", "1", "yes", "on", "y", "enabled"];
    let falsyArray = params.falsy ?? ["false", "0", "no", "off", "n", "disabled"];
    if (params.case !== "sensitive") {
        truthyArray = truthyArray.map((v) => (typeof v === "string" ? v.toLowerCase() : v));
        falsyArray = falsyArray.map((v) => (typeof v === "string" ? v.toLowerCase() : v));
    }
    const truthySet = new Set(truthyArray);
    const falsySet = new Set(falsyArray);
    const _Codec = Classes.Codec ?? schemas.$ZodCodec;
    const _Boolean = Classes.Boolean ?? schemas.$ZodBoolean;
    const _String = Classes.String ?? schemas.$ZodString;
    const stringSchema = new _String({ type: "string", error: params.error });
    const booleanSchema = new _Boolean({ type: "boolean", error: params.error });
    const codec = new _Codec({
        type: "pipe",
        in: stringSchema,
        out: booleanSchema,
        transform: ((input, payload) => {
            let data = input;
            if (params.case !== "sensitive")
                data = data.toLowerCase();
            if (truthySet.has(data)) {
                return true;
            }
            else if (falsySet.has(data)) {
                return false;
            }
            else {
                payload.issues.push({
                    code: "invalid_value",
                    expected: "stringbool",
                    values: [...truthySet, ...falsySet],
                    input: payload.value,
                    inst: codec,
                    continue: false,
                });
                return {};
            }
        }),
        reverseTransform: ((input, _payload) => {
            if (input === true) {
                return truthyArray[0] || "true";
            }
            else {
                return falsyArray[0] || "false";
            }
        }),
        error: params.error,
    });
    codec._zod.bag.truthy = truthyArray;
    codec._zod.bag.falsy = falsyArray;
    codec._zod.bag.case = params.case ?? "insensitive";
    return codec;
}
// @__NO_SIDE_EFFECTS__
function _stringFormat(Class, format, fnOrRegex, _params = {}) {
    const params = util.normalizeParams(_params);
    const def = {
        check: "string_format",
        type: "string",
        format,
        fn: typeof fnOrRegex === "function" ? fnOrRegex : (val) => fnOrRegex.test(val),
        ...params,
    };
    if (fnOrRegex instanceof RegExp) {
        def.pattern = fnOrRegex;
    }
    const inst = new Class(def);
    return inst;
}

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/to-json-schema.js


function assignProps(target, ...sources) {
    for (const source of sources) {
        for (const key of Reflect.ownKeys(source)) {
            if (Object.prototype.propertyIsEnumerable.call(source, key)) {
                (0,core_util/* assignProp */.Vy)(target, key, source[key]);
            }
        }
    }
    return target;
}
// function initializeContext<T extends schemas.$ZodType>(inputs: JSONSchemaGeneratorParams<T>): ToJSONSchemaContext<T> {
//   return {
//     processor: inputs.processor,
//     metadataRegistry: inputs.metadata ?? globalRegistry,
//     target: inputs.target ?? "draft-2020-12",
//     unrepresentable: inputs.unrepresentable ?? "throw",
//   };
// }
function to_json_schema_initializeContext(params) {
    // Normalize target: convert old non-hyphenated versions to hyphenated versions
    let target = params?.target ?? "draft-2020-12";
    if (target === "draft-4")
        target = "draft-04";
    if (target === "draft-7")
        target = "draft-07";
    return {
        processors: params.processors ?? {},
        metadataRegistry: params?.metadata ?? globalRegistry,
        target,
        unrepresentable: params?.unrepresentable ?? "throw",
        override: params?.override ?? (() => { }),
        io: params?.io ?? "output",
        counter: 0,
        seen: new Map(),
        sharedDefsExtractedFor: undefined,
        sharedEmitDoneFor: undefined,
        cycles: params?.cycles ?? "ref",
        reused: params?.reused ?? "inline",
        intersections: [],
        deferred: [],
        external: params?.external ?? undefined,
    };
}
/**
 * Applies the `unrepresentable` setting at a site that has no JSON Schema equivalent. Throws
 * `message` unless the setting (or the handler's return value) says otherwise. Returns `true` if a
 * custom JSON Schema was written into `json`, in which case the caller must not write its own.
 */
function handleUnrepresentable(schema, ctx, json, params, message) {
    const result = typeof ctx.unrepresentable === "function"
        ? ctx.unrepresentable({ zodSchema: schema, path: params.path, message })
        : ctx.unrepresentable;
    if (result === "any")
        return false;
    if (result === undefined || result === "throw")
        throw new Error(message);
    Object.assign(json, result);
    return true;
}
// never rename this back to `process`: bundler polyfills inject a top-level `const process` that a lexical declaration of the same name collides with (#6397)
function to_json_schema_processSchema(schema, ctx, _params = { path: [], schemaPath: [] }) {
    var _a;
    const def = schema._zod.def;
    // check for schema in seens
    const seen = ctx.seen.get(schema);
    if (seen) {
        seen.count++;
        // check if cycle
        const isCycle = _params.schemaPath.includes(schema);
        if (isCycle) {
            seen.cycle = _params.path;
        }
        return seen.schema;
    }
    // initialize
    const result = { schema: {}, count: 1, cycle: undefined, path: _params.path };
    ctx.seen.set(schema, result);
    ctx.sharedDefsExtractedFor = undefined;
    ctx.sharedEmitDoneFor = undefined;
    // custom method overrides default behavior
    const overrideSchema = schema._zod.toJSONSchema?.();
    if (overrideSchema) {
        result.schema = overrideSchema;
    }
    else {
        const params = {
            ..._params,
            schemaPath: [..._params.schemaPath, schema],
            path: _params.path,
        };
        if (schema._zod.processJSONSchema) {
            schema._zod.processJSONSchema(ctx, result.schema, params);
        }
        else {
            const _json = result.schema;
            const processor = ctx.processors[def.type];
            if (!processor) {
                throw new Error(`[toJSONSchema]: Non-representable type encountered: ${def.type}`);
            }
            processor(schema, ctx, _json, params);
        }
        const parent = schema._zod.parent;
        if (parent) {
            // Also set ref if processor didn't (for inheritance)
            if (!result.ref)
                result.ref = parent;
            to_json_schema_processSchema(parent, ctx, params);
            ctx.seen.get(parent).isParent = true;
        }
    }
    // metadata
    const meta = ctx.metadataRegistry.get(schema);
    if (meta)
        assignProps(result.schema, meta);
    if (ctx.io === "input" && isTransforming(schema)) {
        // examples/defaults only apply to output type of pipe
        delete result.schema.examples;
        delete result.schema.default;
    }
    // set prefault as default
    if (ctx.io === "input" && "_prefault" in result.schema)
        (_a = result.schema).default ?? (_a.default = result.schema._prefault);
    delete result.schema._prefault;
    // pulling fresh from ctx.seen in case it was overwritten
    const _result = ctx.seen.get(schema);
    return _result.schema;
}
/** @deprecated Renamed to `processSchema`. An export alias declares no binding, so it is safe to keep. */

// Escape a reference token for use in a JSON Pointer fragment (RFC 6901): `~` becomes `~0` and `/` becomes `~1`. The `~` replacement must run first.
function encodeJSONPointerSegment(segment) {
    return segment.replace(/~/g, "~0").replace(/\//g, "~1");
}
function to_json_schema_extractDefs(ctx, schema
// params: EmitParams
) {
    // iterate over seen map;
    const root = ctx.seen.get(schema);
    if (!root)
        throw new Error("Unprocessed schema. This is a bug in Zod.");
    // With `external` set, every registered schema resolves through the external branch of `makeURI`, so the root branch below produces the same ref the external branch would — this pass is identical whichever schema it is called with, and only needs to run once.
    if (ctx.external && ctx.sharedDefsExtractedFor === ctx.external)
        return;
    // Track ids to detect duplicates across different schemas
    const idToSchema = new Map();
    for (const entry of ctx.seen.entries()) {
        const id = ctx.metadataRegistry.get(entry[0])?.id;
        if (id) {
            const existing = idToSchema.get(id);
            if (existing && existing !== entry[0]) {
                throw new Error(`Duplicate schema id "${id}" detected during JSON Schema conversion. Two different schemas cannot share the same id when converted together.`);
            }
            idToSchema.set(id, entry[0]);
        }
    }
    // returns a ref to the schema defId will be empty if the ref points to an external schema (or #)
    const makeURI = (entry) => {
        // comparing the seen objects because sometimes multiple schemas map to the same seen object. e.g. lazy
        // external is configured
        const defsSegment = ctx.target === "draft-2020-12" ? "$defs" : "definitions";
        if (ctx.external) {
            const externalId = ctx.external.registry.get(entry[0])?.id; // ?? "__shared";// `__schema${ctx.counter++}`;
            // check if schema is in the external registry
            const uriGenerator = ctx.external.uri ?? ((id) => id);
            if (externalId) {
                return { ref: uriGenerator(externalId) };
            }
            // otherwise, add to __shared
            const id = entry[1].defId ?? entry[1].schema.id ?? `schema${ctx.counter++}`;
            entry[1].defId = id; // set defId so it will be reused if needed
            return { defId: id, ref: `${uriGenerator("__shared")}#/${defsSegment}/${encodeJSONPointerSegment(id)}` };
        }
        const uriPrefix = `#`;
        const defUriPrefix = `${uriPrefix}/${defsSegment}/`;
        // an id-less root has nowhere to be extracted to, so it stays inline and self-references as `#`
        if (entry[1] === root && !entry[1].schema.id) {
            return { ref: uriPrefix };
        }
        // self-contained schema
        const defId = entry[1].schema.id ?? `__schema${ctx.counter++}`;
        return { defId, ref: defUriPrefix + encodeJSONPointerSegment(defId) };
    };
    // stored cached version in `def` property remove all properties, set $ref
    const extractToDef = (entry) => {
        // if the schema is already a reference, do not extract it
        if (entry[1].schema.$ref) {
            return;
        }
        const seen = entry[1];
        const { ref, defId } = makeURI(entry);
        seen.def = { ...seen.schema };
        // defId won't be set if the schema is a reference to an external schema or if the schema is the root schema
        if (defId)
            seen.defId = defId;
        // wipe away all properties except $ref
        const schema = seen.schema;
        for (const key in schema) {
            delete schema[key];
        }
        schema.$ref = ref;
    };
    // throw on cycles
    // break cycles
    if (ctx.cycles === "throw") {
        for (const entry of ctx.seen.entries()) {
            const seen = entry[1];
            if (seen.cycle) {
                throw new Error("Cycle detected: " +
                    `#/${seen.cycle?.join("/")}/<root>` +
                    '\n\nSet the `cycles` parameter to `"ref"` to resolve cyclical schemas with defs.');
            }
        }
    }
    // extract schemas into $defs
    for (const entry of ctx.seen.entries()) {
        const seen = entry[1];
        // convert root schema to # $ref
        if (schema === entry[0]) {
            extractToDef(entry); // this has special handling for the root schema
            continue;
        }
        // extract schemas that are in the external registry
        if (ctx.external) {
            const ext = ctx.external.registry.get(entry[0])?.id;
            if (schema !== entry[0] && ext) {
                extractToDef(entry);
                continue;
            }
        }
        // extract schemas with `id` meta
        const id = ctx.metadataRegistry.get(entry[0])?.id;
        if (id) {
            extractToDef(entry);
            continue;
        }
        // break cycles
        if (seen.cycle) {
            // any
            extractToDef(entry);
            continue;
        }
        // extract reused schemas
        if (seen.count > 1) {
            if (ctx.reused === "ref") {
                extractToDef(entry);
            }
        }
    }
    if (ctx.external)
        ctx.sharedDefsExtractedFor = ctx.external;
}
/** Rewrites `anyOf: [{type: "a"}, {type: "b"}]` to `type: ["a", "b"]`, which every JSON Schema draft treats as equivalent and most consumers render far better for the nullable case. Only branches that are a bare type assertion qualify — anything carrying a constraint, `$ref`, `const` or metadata is left alone. Runs after `flattenRef`, so a branch an override decorated or `$defs` extraction turned into a `$ref` is no longer bare and correctly stays in `anyOf`. `oneOf` is excluded: `integer` and `number` overlap, so "exactly one" and "at least one" are not the same there. OpenAPI 3.0 is excluded: its `type` must be a single string. */
function compactTypeUnion(schema) {
    const options = schema.anyOf;
    if (!Array.isArray(options) || options.length === 0 || schema.type !== undefined)
        return;
    const types = [];
    for (const option of options) {
        if (!option || typeof option !== "object")
            return;
        // A branch that is itself a compactible union folds into this one — nested `anyOf` and a flat `type` array say the same thing. Compacting it first also makes the result independent of the order this pass walks the seen map in.
        compactTypeUnion(option);
        const keys = Object.keys(option);
        if (keys.length !== 1 || keys[0] !== "type")
            return;
        const type = option.type;
        for (const member of Array.isArray(type) ? type : [type]) {
            if (typeof member !== "string")
                return;
            if (!types.includes(member))
                types.push(member);
        }
    }
    delete schema.anyOf;
    // A `type` array must be non-empty and unique (metaschema); a single member is spelled as a bare string.
    schema.type = types.length === 1 ? types[0] : types;
}
/** Keywords `foldIntersection` knows how to combine. Anything else — `$ref`, `patternProperties`,
 * an annotation like `description` — makes a member unfoldable, so a constraint this does not
 * understand leaves the `allOf` alone instead of being silently dropped or misattributed. */
const FOLDABLE_KEYS = new Set(["type", "properties", "required", "additionalProperties"]);
const UNION_KEYS = ["oneOf", "anyOf"];
/** A member's constraint on a key it does not declare itself. A `catchall` states one; `false`, an absent `additionalProperties`, and the empty schema a loose object emits state nothing. */
function undeclaredConstraint(member) {
    const extra = member.additionalProperties;
    if (extra === undefined || extra === false || typeof extra !== "object" || extra === null)
        return null;
    return Object.keys(extra).length ? extra : null;
}
/** Combines object members into the single object they describe together, or returns `null` if any of them carries a keyword outside {@link FOLDABLE_KEYS}. */
function foldObjects(members) {
    const objects = [];
    for (const member of members) {
        // A boolean subschema is legal JSON Schema and carries no keywords to fold.
        if (typeof member !== "object" || member.type !== "object")
            return null;
        for (const key in member) {
            if (!FOLDABLE_KEYS.has(key))
                return null;
        }
        objects.push(member);
    }
    const properties = {};
    const required = new Set();
    for (const object of objects) {
        for (const key in object.properties) {
            // `in` would report a `__proto__` key as already present via the prototype chain and skip it.
            if (Object.prototype.hasOwnProperty.call(properties, key))
                continue;
            // Every member constrains this key: the ones that declare it say how, and a `catchall` member constrains it too even though it does not name it. The key has to satisfy all of them, which is the same intersection one level down.
            const parts = [];
            for (const other of objects) {
                const part = other.properties?.[key] ?? undeclaredConstraint(other);
                if (part === null || part === undefined)
                    continue;
                if (!parts.some((seen) => JSON.stringify(seen) === JSON.stringify(part)))
                    parts.push(part);
            }
            const merged = parts.length === 1
                ? parts[0]
                : (foldObjects(parts) ?? { allOf: parts });
            (0,core_util/* assignProp */.Vy)(properties, key, merged);
        }
        for (const key of object.required ?? [])
            required.add(key);
    }
    const folded = { type: "object", properties };
    if (required.size)
        folded.required = [...required];
    // A key no member declares is rejected only when every member rejects it, so the fold is closed only when every member is. Otherwise it carries whatever the `catchall` members demand of such a key.
    if (objects.every((object) => object.additionalProperties === false)) {
        folded.additionalProperties = false;
    }
    else {
        const constraints = [];
        for (const object of objects) {
            const constraint = undeclaredConstraint(object);
            if (constraint && !constraints.some((seen) => JSON.stringify(seen) === JSON.stringify(constraint)))
                constraints.push(constraint);
        }
        if (constraints.length === 1)
            folded.additionalProperties = constraints[0];
        else if (constraints.length > 1)
            folded.additionalProperties = { allOf: constraints };
    }
    return folded;
}
/** `additionalProperties` in an `allOf` member sees only that member's own `properties`, so two
 * closed object members reject each other's keys and the schema validates nothing. Zod's parser
 * pools the key sets instead — `handleIntersectionResults` reports a key as unrecognized only when
 * *every* side rejects it — so the emitted schema has to pool them too, and folding the members
 * into one object is the encoding that says so on every target.
 *
 * This runs from `finalize`, after `extractDefs`, which is what keeps it clear of the `$ref`
 * machinery: a member extracted into `$defs` is already a `$ref` by now and declines to fold, so it
 * keeps its reference and its own closedness rather than being inlined as a stale copy. */
function foldIntersection(json) {
    const allOf = json.allOf;
    if (!Array.isArray(allOf) || allOf.length < 2)
        return;
    // An `override` runs before this pass and may have written object keywords onto the intersection itself. Those are deliberate, so decline rather than overwrite them.
    for (const key of FOLDABLE_KEYS)
        if (key in json)
            return;
    // An intersection distributes over a union: `A & (X | Y)` is `(A & X) | (A & Y)`. Only the first union is distributed over; a second one stays among the members every branch folds against, where it fails the object check and declines the whole intersection rather than multiplying out.
    const unions = allOf.filter((m) => UNION_KEYS.some((k) => Array.isArray(m[k])));
    let folded = null;
    if (!unions.length) {
        folded = foldObjects(allOf);
    }
    else {
        const union = unions[0];
        const keyword = UNION_KEYS.find((k) => Array.isArray(union[k]));
        if (Object.keys(union).length !== 1)
            return;
        const rest = allOf.filter((m) => m !== union);
        const branches = union[keyword].map((branch) => foldObjects([...rest, branch]));
        if (branches.some((b) => !b))
            return;
        folded = { [keyword]: branches };
    }
    if (!folded)
        return;
    delete json.allOf;
    assignProps(json, folded);
}
function to_json_schema_finalize(ctx, schema) {
    const root = ctx.seen.get(schema);
    if (!root)
        throw new Error("Unprocessed schema. This is a bug in Zod.");
    // flatten refs - inherit properties from parent schemas
    const flattenRef = (zodSchema) => {
        const seen = ctx.seen.get(zodSchema);
        // already processed
        if (seen.ref === null)
            return;
        const schema = seen.def ?? seen.schema;
        const _cached = { ...schema };
        const ref = seen.ref;
        seen.ref = null; // prevent infinite recursion
        if (ref) {
            flattenRef(ref);
            const refSeen = ctx.seen.get(ref);
            const refSchema = refSeen.schema;
            // merge referenced schema into current
            if (refSchema.$ref && (ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0")) {
                // older drafts can't combine $ref with other properties
                schema.allOf = schema.allOf ?? [];
                schema.allOf.push(refSchema);
            }
            else {
                assignProps(schema, refSchema);
            }
            // restore child's own properties (child wins)
            assignProps(schema, _cached);
            const isParentRef = zodSchema._zod.parent === ref;
            // For parent chain, child is a refinement - remove parent-only properties
            if (isParentRef) {
                for (const key in schema) {
                    if (key === "$ref" || key === "allOf")
                        continue;
                    if (!(key in _cached)) {
                        delete schema[key];
                    }
                }
            }
            // When ref was extracted to $defs, remove properties that match the definition
            if (refSchema.$ref && refSeen.def) {
                for (const key in schema) {
                    if (key === "$ref" || key === "allOf")
                        continue;
                    if (key in refSeen.def && JSON.stringify(schema[key]) === JSON.stringify(refSeen.def[key])) {
                        delete schema[key];
                    }
                }
            }
        }
        // If parent was extracted (has $ref), propagate $ref to this schema. This handles cases like: readonly().meta({id}).describe() where processor sets ref to innerType but parent should be referenced
        const parent = zodSchema._zod.parent;
        if (parent && parent !== ref) {
            // Ensure parent is processed first so its def has inherited properties
            flattenRef(parent);
            const parentSeen = ctx.seen.get(parent);
            if (parentSeen?.schema.$ref) {
                schema.$ref = parentSeen.schema.$ref;
                // De-duplicate with parent's definition
                if (parentSeen.def) {
                    for (const key in schema) {
                        if (key === "$ref" || key === "allOf")
                            continue;
                        if (key in parentSeen.def && JSON.stringify(schema[key]) === JSON.stringify(parentSeen.def[key])) {
                            delete schema[key];
                        }
                    }
                }
            }
        }
        // execute overrides
        ctx.override({
            zodSchema: zodSchema,
            jsonSchema: schema,
            path: seen.path ?? [],
        });
    };
    // Flattening walks the whole map and clears each `ref` as it goes, so a second call over the same map is a no-op scan. Skip it outright once it has run for a registry conversion.
    if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
        for (const entry of [...ctx.seen.entries()].reverse()) {
            flattenRef(entry[0]);
        }
        if (ctx.target !== "openapi-3.0") {
            for (const entry of ctx.seen.entries()) {
                compactTypeUnion(entry[1].def ?? entry[1].schema);
            }
        }
        for (const rewrite of ctx.deferred)
            rewrite();
        // After flattening, every member that was extracted is a `$ref`, so the fold sees the final shape. A schema that inherits an intersection — through `z.lazy`, or any `ref` chain — holds the same `allOf` array, so fold by array identity to catch every copy.
        if (ctx.intersections.length) {
            const carriers = new Map();
            for (const seen of ctx.seen.values()) {
                for (const json of [seen.schema, seen.def]) {
                    const allOf = json?.allOf;
                    if (!Array.isArray(allOf))
                        continue;
                    const existing = carriers.get(allOf);
                    if (existing)
                        existing.push(json);
                    else
                        carriers.set(allOf, [json]);
                }
            }
            for (const allOf of ctx.intersections) {
                for (const json of carriers.get(allOf) ?? [])
                    foldIntersection(json);
            }
        }
    }
    const result = {};
    if (ctx.target === "draft-2020-12") {
        result.$schema = "https://json-schema.org/draft/2020-12/schema";
    }
    else if (ctx.target === "draft-07") {
        result.$schema = "http://json-schema.org/draft-07/schema#";
    }
    else if (ctx.target === "draft-04") {
        result.$schema = "http://json-schema.org/draft-04/schema#";
    }
    else if (ctx.target === "openapi-3.0") {
        // OpenAPI 3.0 schema objects should not include a $schema property
    }
    else {
        // Arbitrary string values are allowed but won't have a $schema property set
    }
    if (ctx.external?.uri) {
        const id = ctx.external.registry.get(schema)?.id;
        if (!id)
            throw new Error("Schema is missing an `id` property");
        result.$id = ctx.external.uri(id);
    }
    // when the root was extracted into $defs, `root.schema` is the `$ref` wrapper and `root.def` is the body that now lives under $defs
    assignProps(result, root.defId ? root.schema : (root.def ?? root.schema));
    // The `id` in `.meta()` is a Zod-specific registration tag used to extract schemas into $defs — it is not user-facing JSON Schema metadata. Strip it from the output body where it would otherwise leak. The id is preserved implicitly via the $defs key (and via $ref paths).
    const rootMetaId = ctx.metadataRegistry.get(schema)?.id;
    if (rootMetaId !== undefined && result.id === rootMetaId)
        delete result.id;
    // build defs object. With `external`, `defs` is the shared object every schema writes into, so the same entries are reassigned on every call. Without it, `defs` is fresh per call and must be rebuilt.
    const defs = ctx.external?.defs ?? {};
    if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
        for (const entry of ctx.seen.entries()) {
            const seen = entry[1];
            if (seen.def && seen.defId) {
                if (seen.def.id === seen.defId)
                    delete seen.def.id;
                (0,core_util/* assignProp */.Vy)(defs, seen.defId, seen.def);
            }
        }
    }
    if (ctx.external)
        ctx.sharedEmitDoneFor = ctx.external;
    // set definitions in result
    if (ctx.external) {
    }
    else {
        if (Object.keys(defs).length > 0) {
            if (ctx.target === "draft-2020-12") {
                result.$defs = defs;
            }
            else {
                result.definitions = defs;
            }
        }
    }
    try {
        // this "finalizes" this schema and ensures all cycles are removed each call to finalize() is functionally independent though the seen map is shared
        const finalized = JSON.parse(JSON.stringify(result));
        Object.defineProperty(finalized, "~standard", {
            value: {
                ...schema["~standard"],
                jsonSchema: {
                    input: createStandardJSONSchemaMethod(schema, "input", ctx.processors),
                    output: createStandardJSONSchemaMethod(schema, "output", ctx.processors),
                },
            },
            enumerable: false,
            writable: false,
        });
        return finalized;
    }
    catch (_err) {
        throw new Error("Error converting schema to JSON.");
    }
}
function isTransforming(_schema, _ctx) {
    const ctx = _ctx ?? { seen: new Set() };
    if (ctx.seen.has(_schema))
        return false;
    ctx.seen.add(_schema);
    const def = _schema._zod.def;
    if (def.type === "transform")
        return true;
    if (def.type === "array")
        return isTransforming(def.element, ctx);
    if (def.type === "set")
        return isTransforming(def.valueType, ctx);
    if (def.type === "lazy")
        return isTransforming(def.getter(), ctx);
    if (def.type === "promise" ||
        def.type === "optional" ||
        def.type === "nonoptional" ||
        def.type === "nullable" ||
        def.type === "readonly" ||
        def.type === "default" ||
        def.type === "prefault" ||
        def.type === "catch") {
        return isTransforming(def.innerType, ctx);
    }
    if (def.type === "intersection") {
        return isTransforming(def.left, ctx) || isTransforming(def.right, ctx);
    }
    if (def.type === "record" || def.type === "map") {
        return isTransforming(def.keyType, ctx) || isTransforming(def.valueType, ctx);
    }
    if (def.type === "pipe") {
        if (_schema._zod.traits.has("$ZodCodec"))
            return true;
        return isTransforming(def.in, ctx) || isTransforming(def.out, ctx);
    }
    if (def.type === "object") {
        for (const key in def.shape) {
            if (isTransforming(def.shape[key], ctx))
                return true;
        }
        return false;
    }
    if (def.type === "union") {
        for (const option of def.options) {
            if (isTransforming(option, ctx))
                return true;
        }
        return false;
    }
    if (def.type === "tuple") {
        for (const item of def.items) {
            if (isTransforming(item, ctx))
                return true;
        }
        if (def.rest && isTransforming(def.rest, ctx))
            return true;
        return false;
    }
    return false;
}
/**
 * Creates a toJSONSchema method for a schema instance.
 * This encapsulates the logic of initializing context, processing, extracting defs, and finalizing.
 */
const createToJSONSchemaMethod = (schema, processors = {}) => (params) => {
    const ctx = to_json_schema_initializeContext({ ...params, processors });
    to_json_schema_processSchema(schema, ctx);
    to_json_schema_extractDefs(ctx, schema);
    return to_json_schema_finalize(ctx, schema);
};
const createStandardJSONSchemaMethod = (schema, io, processors = {}) => (params) => {
    const { libraryOptions, target } = params ?? {};
    const ctx = to_json_schema_initializeContext({ ...(libraryOptions ?? {}), target, io, processors });
    to_json_schema_processSchema(schema, ctx);
    to_json_schema_extractDefs(ctx, schema);
    return to_json_schema_finalize(ctx, schema);
};

;// CONCATENATED MODULE: ./node_modules/zod/v4/core/json-schema-processors.js




const narrowMin = (agg, key, value) => {
    if (agg[key] === undefined || value > agg[key])
        agg[key] = value;
};
const narrowMax = (agg, key, value) => {
    if (agg[key] === undefined || value < agg[key])
        agg[key] = value;
};
const narrowBoth = (agg, value) => {
    narrowMin(agg, "minimum", value);
    narrowMax(agg, "maximum", value);
};
const addDivisor = (agg, value) => {
    agg.multipleOf ?? (agg.multipleOf = []);
    if (!agg.multipleOf.includes(value))
        agg.multipleOf.push(value);
};
const addPattern = (agg, pattern) => {
    agg.patterns ?? (agg.patterns = new Set());
    agg.patterns.add(pattern);
};
const intersectMime = (agg, mime) => {
    agg.mime = agg.mime ? agg.mime.filter((m) => mime.includes(m)) : [...mime];
};
// last-wins, matching the bag's historical write order; the flag keeps an integer format from being lost to a later float one
const setFormat = (agg, format) => {
    agg.format = format;
    if (format.includes("int"))
        agg.isInt = true;
};
const minContributor = (agg, def) => narrowMin(agg, "minimum", def.minimum);
const maxContributor = (agg, def) => narrowMax(agg, "maximum", def.maximum);
const formatContributor = (ranges) => (agg, def) => {
    setFormat(agg, def.format);
    const [minimum, maximum] = ranges[def.format];
    narrowMin(agg, "minimum", minimum);
    narrowMax(agg, "maximum", maximum);
};
const contributors = {
    greater_than: (agg, def) => narrowMin(agg, def.inclusive ? "minimum" : "exclusiveMinimum", def.value),
    less_than: (agg, def) => narrowMax(agg, def.inclusive ? "maximum" : "exclusiveMaximum", def.value),
    multiple_of: (agg, def) => addDivisor(agg, def.value),
    number_format: formatContributor(core_util/* NUMBER_FORMAT_RANGES */.zH),
    bigint_format: formatContributor(core_util/* BIGINT_FORMAT_RANGES */.NR),
    min_length: minContributor,
    max_length: maxContributor,
    length_equals: (agg, def) => narrowBoth(agg, def.length),
    min_size: minContributor,
    max_size: maxContributor,
    size_equals: (agg, def) => narrowBoth(agg, def.size),
    string_format: (agg, def) => {
        setFormat(agg, def.format);
        if (def.pattern)
            addPattern(agg, def.pattern);
        if (def.format === "base64" || def.format === "base64url")
            agg.contentEncoding = def.format;
        if (def.local || def.precision === -1)
            agg.laxFormat = true;
    },
    mime_type: (agg, def) => intersectMime(agg, def.mime),
};
function aggregateChecks(schema) {
    const agg = {};
    const def = schema._zod.def;
    // a format schema is its own first check, same rule as $ZodType init
    const list = schema._zod.traits.has("$ZodCheck")
        ? [schema, ...(def.checks ?? [])]
        : (def.checks ?? []);
    for (const ch of list)
        contributors[ch._zod.def.check]?.(agg, ch._zod.def);
    // reconcile with the bag so third-party onattach contributions still land; first-party residue is never tighter than the fold, so merging it back is idempotent for one and additive for the other
    const bag = schema._zod.bag;
    if (bag.minimum !== undefined)
        narrowMin(agg, "minimum", bag.minimum);
    if (bag.exclusiveMinimum !== undefined)
        narrowMin(agg, "exclusiveMinimum", bag.exclusiveMinimum);
    if (bag.maximum !== undefined)
        narrowMax(agg, "maximum", bag.maximum);
    if (bag.exclusiveMaximum !== undefined)
        narrowMax(agg, "exclusiveMaximum", bag.exclusiveMaximum);
    if (bag.multipleOf !== undefined)
        addDivisor(agg, bag.multipleOf);
    if (bag.format !== undefined) {
        agg.format ?? (agg.format = bag.format);
        if (bag.format.includes("int"))
            agg.isInt = true;
    }
    if (bag.mime)
        intersectMime(agg, bag.mime);
    for (const pattern of bag.patterns ?? [])
        addPattern(agg, pattern);
    return agg;
}
const formatMap = {
    guid: "uuid",
    url: "uri",
    datetime: "date-time",
    json_string: "json-string",
    regex: "", // do not set
};
// ==================== SIMPLE TYPE PROCESSORS ====================
// the runtime patterns are lax so parse paths never overflow the regex stack; the emitted schema swaps in the exact block forms, which zod itself never executes
const exactPatterns = new Map([
    [base64Charset, base64],
    [base64urlCharset, base64url],
]);
const exactPattern = (p) => exactPatterns.get(p) ?? p;
const stringProcessor = (schema, ctx, _json, _params) => {
    const json = _json;
    json.type = "string";
    const { minimum, maximum, format, patterns, contentEncoding, laxFormat } = aggregateChecks(schema);
    if (typeof minimum === "number")
        json.minLength = minimum;
    if (typeof maximum === "number")
        json.maxLength = maximum;
    // custom pattern overrides format
    if (format) {
        json.format = formatMap[format] ?? format;
        if (json.format === "")
            delete json.format; // empty format is not valid
        // `z.iso.time()` is never full-time, and `laxFormat` carries the datetime shapes that also accept what their keyword forbids
        if (format === "time" || laxFormat) {
            delete json.format;
        }
    }
    if (contentEncoding)
        json.contentEncoding = contentEncoding;
    if (patterns && patterns.size > 0) {
        const patternList = [...patterns].map(exactPattern);
        if (patternList.length === 1)
            json.pattern = patternList[0].source;
        else if (patternList.length > 1) {
            json.allOf = [
                ...patternList.map((regex) => ({
                    ...(ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0"
                        ? { type: "string" }
                        : {}),
                    pattern: regex.source,
                })),
            ];
        }
    }
};
const numberProcessor = (schema, ctx, _json, params) => {
    const json = _json;
    const { minimum, maximum, multipleOf, exclusiveMaximum, exclusiveMinimum, isInt } = aggregateChecks(schema);
    json.type = isInt ? "integer" : "number";
    // when both minimum and exclusiveMinimum exist, pick the more restrictive one
    const exMin = typeof exclusiveMinimum === "number" && exclusiveMinimum >= (minimum ?? Number.NEGATIVE_INFINITY);
    const exMax = typeof exclusiveMaximum === "number" && exclusiveMaximum <= (maximum ?? Number.POSITIVE_INFINITY);
    const legacy = ctx.target === "draft-04" || ctx.target === "openapi-3.0";
    if (exMin) {
        if (legacy) {
            json.minimum = exclusiveMinimum;
            json.exclusiveMinimum = true;
        }
        else {
            json.exclusiveMinimum = exclusiveMinimum;
        }
    }
    else if (typeof minimum === "number") {
        json.minimum = minimum;
    }
    if (exMax) {
        if (legacy) {
            json.maximum = exclusiveMaximum;
            json.exclusiveMaximum = true;
        }
        else {
            json.exclusiveMaximum = exclusiveMaximum;
        }
    }
    else if (typeof maximum === "number") {
        json.maximum = maximum;
    }
    if (multipleOf) {
        // JSON Schema requires a divisor strictly greater than zero, and a non-finite one does not survive JSON at all. A negative divisor accepts exactly what its absolute value accepts, so it still maps; zero, NaN and Infinity have no keyword form.
        const divisors = new Set();
        for (const divisor of multipleOf) {
            if (Number.isFinite(divisor) && divisor !== 0)
                divisors.add(Math.abs(divisor));
            else
                handleUnrepresentable(schema, ctx, json, params, `A multipleOf divisor of ${divisor} cannot be represented in JSON Schema`);
        }
        // chained divisors are a conjunction the keyword cannot carry alone, so extras ride an allOf, same as stacked patterns
        const [first, ...rest] = divisors;
        if (first !== undefined)
            json.multipleOf = first;
        if (rest.length)
            json.allOf = [...(json.allOf ?? []), ...rest.map((m) => ({ multipleOf: m }))];
    }
};
const booleanProcessor = (_schema, _ctx, json, _params) => {
    json.type = "boolean";
};
const bigintProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "BigInt cannot be represented in JSON Schema");
};
const symbolProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Symbols cannot be represented in JSON Schema");
};
const nullProcessor = (_schema, ctx, json, _params) => {
    if (ctx.target === "openapi-3.0") {
        json.type = "string";
        json.nullable = true;
        json.enum = [null];
    }
    else {
        json.type = "null";
    }
};
const undefinedProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Undefined cannot be represented in JSON Schema");
};
const voidProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Void cannot be represented in JSON Schema");
};
const neverProcessor = (_schema, _ctx, json, _params) => {
    json.not = {};
};
const anyProcessor = (_schema, _ctx, _json, _params) => {
    // empty schema accepts anything
};
const unknownProcessor = (_schema, _ctx, _json, _params) => {
    // empty schema accepts anything
};
const dateProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Date cannot be represented in JSON Schema");
};
const enumProcessor = (schema, _ctx, json, _params) => {
    const def = schema._zod.def;
    const values = (0,core_util/* getEnumValues */.w5)(def.entries);
    // an empty enum accepts nothing, same as z.never()
    if (values.length === 0) {
        json.not = {};
        return;
    }
    // Number enums can have both string and number values
    if (values.every((v) => typeof v === "number"))
        json.type = "number";
    if (values.every((v) => typeof v === "string"))
        json.type = "string";
    json.enum = values;
};
const literalProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    // a literal with no values accepts nothing, same as z.never()
    if (def.values.length === 0) {
        json.not = {};
        return;
    }
    const vals = [];
    for (const val of def.values) {
        if (val === undefined) {
            // a custom schema replaces the whole literal, so there is nothing left to accumulate
            if (handleUnrepresentable(schema, ctx, json, params, "Literal `undefined` cannot be represented in JSON Schema"))
                return;
            // otherwise do not add to vals
        }
        else if (typeof val === "bigint") {
            if (handleUnrepresentable(schema, ctx, json, params, "BigInt literals cannot be represented in JSON Schema"))
                return;
            vals.push(Number(val));
        }
        else {
            vals.push(val);
        }
    }
    if (vals.length === 0) {
        // do nothing (an undefined literal was stripped)
    }
    else if (vals.length === 1) {
        const val = vals[0];
        json.type = val === null ? "null" : typeof val;
        if (ctx.target === "draft-04" || ctx.target === "openapi-3.0") {
            json.enum = [val];
        }
        else {
            json.const = val;
        }
    }
    else {
        if (vals.every((v) => typeof v === "number"))
            json.type = "number";
        if (vals.every((v) => typeof v === "string"))
            json.type = "string";
        if (vals.every((v) => typeof v === "boolean"))
            json.type = "boolean";
        if (vals.every((v) => v === null))
            json.type = "null";
        json.enum = vals;
    }
};
const nanProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "NaN cannot be represented in JSON Schema");
};
const templateLiteralProcessor = (schema, _ctx, json, _params) => {
    const _json = json;
    const pattern = schema._zod.pattern;
    if (!pattern)
        throw new Error("Pattern not found in template literal");
    _json.type = "string";
    _json.pattern = pattern.source;
};
const fileProcessor = (schema, _ctx, json, _params) => {
    const _json = json;
    _json.type = "string";
    _json.format = "binary";
    _json.contentEncoding = "binary";
    const { minimum, maximum, mime } = aggregateChecks(schema);
    if (minimum !== undefined)
        _json.minLength = minimum;
    if (maximum !== undefined)
        _json.maxLength = maximum;
    if (!mime)
        return;
    // an empty intersection means the mime checks share no value, so nothing passes at runtime; `anyOf` must be non-empty, so the false schema is `not: {}`
    if (mime.length === 0)
        _json.not = {};
    else if (mime.length === 1)
        _json.contentMediaType = mime[0];
    // only contentMediaType differs, so the shared props stay at the root
    else
        _json.anyOf = mime.map((m) => ({ contentMediaType: m }));
};
const successProcessor = (_schema, _ctx, json, _params) => {
    json.type = "boolean";
};
const customProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Custom types cannot be represented in JSON Schema");
};
const functionProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Function types cannot be represented in JSON Schema");
};
const transformProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Transforms cannot be represented in JSON Schema");
};
const mapProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Map cannot be represented in JSON Schema");
};
const setProcessor = (schema, ctx, json, params) => {
    handleUnrepresentable(schema, ctx, json, params, "Set cannot be represented in JSON Schema");
};
// ==================== COMPOSITE TYPE PROCESSORS ====================
const arrayProcessor = (schema, ctx, _json, params) => {
    const json = _json;
    const def = schema._zod.def;
    const { minimum, maximum } = aggregateChecks(schema);
    if (typeof minimum === "number")
        json.minItems = minimum;
    if (typeof maximum === "number")
        json.maxItems = maximum;
    json.type = "array";
    json.items = to_json_schema_processSchema(def.element, ctx, {
        ...params,
        path: [...params.path, "items"],
    });
};
// Transform and catch set `optin = "optional"` at runtime so the parser lets them observe an
// absent key, but their declared input type stays required. An input JSON Schema describes the
// declared type, so resolve past them to the schema that actually carries the optionality.
// Used by both `objectProcessor` (for `required`) and `tupleProcessor` (for `minItems`); see
// wiki/optionality.md, "The JSON Schema emitter reads the *static* value".
function inputOptin(schema) {
    const def = schema._zod.def;
    if (def.type === "pipe" && def.in._zod.traits.has("$ZodTransform")) {
        return inputOptin(def.out);
    }
    if (def.type === "catch") {
        return inputOptin(def.innerType);
    }
    return schema._zod.optin;
}
const objectProcessor = (schema, ctx, _json, params) => {
    const json = _json;
    const def = schema._zod.def;
    const shape = def.shape;
    // dropping it while still emitting `additionalProperties: false` would emit a schema that rejects data this one requires
    const symbolKeys = Object.getOwnPropertySymbols(shape);
    if (symbolKeys.length &&
        handleUnrepresentable(schema, ctx, json, params, "Symbol keys cannot be represented in JSON Schema")) {
        return;
    }
    json.type = "object";
    json.properties = {};
    for (const key in shape) {
        // assignProp so a __proto__ key becomes an own property instead of hitting the inherited setter on the plain {} we build into
        (0,core_util/* assignProp */.Vy)(json.properties, key, to_json_schema_processSchema(shape[key], ctx, {
            ...params,
            path: [...params.path, "properties", key],
        }));
    }
    // required keys
    const requiredKeys = [];
    for (const key of Object.keys(shape)) {
        const field = def.shape[key];
        if (ctx.io === "input" ? inputOptin(field) === undefined : field._zod.optout === undefined) {
            requiredKeys.push(key);
        }
    }
    if (requiredKeys.length > 0) {
        json.required = requiredKeys;
    }
    // catchall
    if (def.catchall?._zod.def.type === "never") {
        // strict
        json.additionalProperties = false;
    }
    else if (!def.catchall) {
        // regular
        if (ctx.io === "output")
            json.additionalProperties = false;
    }
    else if (def.catchall) {
        json.additionalProperties = to_json_schema_processSchema(def.catchall, ctx, {
            ...params,
            path: [...params.path, "additionalProperties"],
        });
    }
};
const unionProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    // Exclusive unions (inclusive === false) use oneOf (exactly one match) instead of anyOf (one or more matches). This includes both z.xor() and discriminated unions
    const isExclusive = def.inclusive === false;
    const options = def.options.map((x, i) => to_json_schema_processSchema(x, ctx, {
        ...params,
        path: [...params.path, isExclusive ? "oneOf" : "anyOf", i],
    }));
    if (isExclusive) {
        json.oneOf = options;
    }
    else {
        json.anyOf = options;
    }
};
const intersectionProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    const a = to_json_schema_processSchema(def.left, ctx, {
        ...params,
        path: [...params.path, "allOf", 0],
    });
    const b = to_json_schema_processSchema(def.right, ctx, {
        ...params,
        path: [...params.path, "allOf", 1],
    });
    const isSimpleIntersection = (val) => "allOf" in val && Object.keys(val).length === 1;
    const allOf = [
        ...(isSimpleIntersection(a) ? a.allOf : [a]),
        ...(isSimpleIntersection(b) ? b.allOf : [b]),
    ];
    json.allOf = allOf;
    // Recorded innermost first, so a nested intersection has already folded by the time this one is considered. The array is the handle rather than the schema, because a wrapper that inherits this schema shares the same array; `finalize` folds every object holding it. See `foldIntersection`.
    ctx.intersections.push(allOf);
};
const tupleProcessor = (schema, ctx, _json, params) => {
    const json = _json;
    const def = schema._zod.def;
    json.type = "array";
    const prefixPath = ctx.target === "draft-2020-12" ? "prefixItems" : "items";
    const restPath = ctx.target === "draft-2020-12" ? "items" : ctx.target === "openapi-3.0" ? "items" : "additionalItems";
    const prefixItems = def.items.map((x, i) => to_json_schema_processSchema(x, ctx, {
        ...params,
        path: [...params.path, prefixPath, i],
    }));
    const rest = def.rest
        ? to_json_schema_processSchema(def.rest, ctx, {
            ...params,
            path: [...params.path, restPath, ...(ctx.target === "openapi-3.0" ? [def.items.length] : [])],
        })
        : null;
    let minItems = def.items.length;
    while (minItems > 0) {
        const item = def.items[minItems - 1];
        const optional = ctx.io === "input" ? inputOptin(item) !== undefined : item._zod.optout === "optional";
        if (!optional)
            break;
        minItems--;
    }
    const maxItems = def.items.length;
    const isClosed = !def.rest;
    if (ctx.target === "draft-2020-12") {
        json.prefixItems = prefixItems;
        if (isClosed) {
            json.items = false;
        }
        else if (rest) {
            json.items = rest;
        }
        if (minItems > 0)
            json.minItems = minItems;
        if (isClosed)
            json.maxItems = maxItems;
    }
    else if (ctx.target === "openapi-3.0") {
        json.items = {
            anyOf: prefixItems,
        };
        if (rest) {
            json.items.anyOf.push(rest);
        }
        if (minItems > 0)
            json.minItems = minItems;
        if (isClosed)
            json.maxItems = maxItems;
    }
    else {
        json.items = prefixItems;
        if (isClosed) {
            json.additionalItems = false;
        }
        else if (rest) {
            json.additionalItems = rest;
        }
        if (minItems > 0)
            json.minItems = minItems;
        if (isClosed)
            json.maxItems = maxItems;
    }
    // explicit user-defined length checks take precedence
    const { minimum, maximum } = aggregateChecks(schema);
    if (typeof minimum === "number")
        json.minItems = minimum;
    if (typeof maximum === "number")
        json.maxItems = maximum;
};
/** JSON object keys are always strings, so a numeric record key schema is re-expressed over the
 * numeric-string form the record parser matches. Deferred to `finalize`, after the flatten: a key
 * behind a wrapper only carries its own `type` before then, and a union key only has its branches.
 *
 * A numeric bound cannot apply to a property name, so `minimum` and its siblings are dropped rather
 * than carried over: keeping them beside `type: "string"` reproduces the match-nothing schema this
 * exists to fix. A key that carries one therefore emits wider than the record parses — `z.record(z.number().min(5), V)`
 * accepts `"3"` — which is the deliberate trade, since throwing on it would reject an ordinary schema
 * outright. */
function stringifyKeyNames(bySchema, json, visited) {
    // an extracted key that rewrites cannot go on sharing its definition — the string form a key position needs is not the number form every other reference wants — so it inlines. One that does not rewrite keeps the `$ref`.
    if (json.$ref) {
        // a recursive key holds its own reference inside its definition, so a node already on the path is left alone rather than resolved again
        if (visited.has(json))
            return json;
        visited.add(json);
        const def = bySchema.get(json)?.def;
        if (!def)
            return json;
        const inlined = stringifyKeyNames(bySchema, def, visited);
        return inlined === def ? json : inlined;
    }
    for (const keyword of ["anyOf", "oneOf"]) {
        const branches = json[keyword];
        if (!Array.isArray(branches))
            continue;
        const mapped = branches.map((branch) => stringifyKeyNames(bySchema, branch, visited));
        // rebuilding regardless would detach a key that had nothing to re-express, dropping its `$ref` and leaking the internal `id`
        if (mapped.some((branch, i) => branch !== branches[i]))
            json = { ...json, [keyword]: mapped };
    }
    // a member that already admits a string leaves the key unconstrained, so the node's own type re-expresses only when every member is numeric
    const types = Array.isArray(json.type) ? json.type : [json.type];
    const numericType = !types.includes("string") && types.some((t) => t === "number" || t === "integer");
    // a heterogeneous key carries no type at all, so its numeric members are caught here instead
    const values = json.enum ?? (json.const !== undefined ? [json.const] : undefined);
    if (!numericType && !values?.some((v) => typeof v === "number"))
        return json;
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format, id, ...rest } = json;
    if (rest.enum)
        rest.enum = rest.enum.map((v) => (typeof v === "number" ? String(v) : v));
    else if (typeof rest.const === "number")
        rest.const = String(rest.const);
    // a heterogeneous key keeps its absent type: the stringified members already say what a key may be
    if (!numericType)
        return rest;
    rest.type = "string";
    if (!values)
        rest.pattern = (types.includes("number") ? number : integer).source;
    return rest;
}
/** Every record of one conversion, so the carriers are found in a single pass rather than once per record. */
const pendingRecords = new WeakMap();
function rewriteKeyNames(ctx) {
    // an extracted key is resolved by the object `extractToDef` left in its place, so the map is built once rather than searched per reference. `_zod.toJSONSchema` can hand the same object to two schemas, so the first entry carrying a body wins, as a search would have found it.
    const bySchema = new Map();
    for (const entry of ctx.seen.values()) {
        if (entry.def && !bySchema.has(entry.schema))
            bySchema.set(entry.schema, entry);
    }
    const rewrites = new Map();
    for (const record of pendingRecords.get(ctx) ?? []) {
        const seen = ctx.seen.get(record);
        const names = (seen?.def ?? seen?.schema)?.propertyNames;
        if (!names || names === true || rewrites.has(names))
            continue;
        const rewritten = stringifyKeyNames(bySchema, names, new Set());
        if (rewritten !== names)
            rewrites.set(names, rewritten);
    }
    if (!rewrites.size)
        return;
    // the flatten has already copied each record's own properties onto every wrapper by reference, and an extracted body is another such copy, so every carrier holding a rewritten key is updated together
    for (const entry of ctx.seen.values()) {
        for (const carrier of [entry.schema, entry.def]) {
            const rewritten = carrier && rewrites.get(carrier.propertyNames);
            if (rewritten)
                carrier.propertyNames = rewritten;
        }
    }
}
const recordProcessor = (schema, ctx, _json, params) => {
    const json = _json;
    const def = schema._zod.def;
    json.type = "object";
    // For looseRecord with regex patterns, use patternProperties. This correctly represents "only validate keys matching the pattern" semantics and composes well with allOf (intersections)
    const keyType = def.keyType;
    const patterns = aggregateChecks(keyType).patterns;
    if (def.mode === "loose" && patterns && patterns.size > 0) {
        // Use patternProperties for looseRecord with regex patterns
        const valueSchema = to_json_schema_processSchema(def.valueType, ctx, {
            ...params,
            path: [...params.path, "patternProperties", "*"],
        });
        json.patternProperties = {};
        for (const pattern of patterns) {
            (0,core_util/* assignProp */.Vy)(json.patternProperties, exactPattern(pattern).source, valueSchema);
        }
    }
    else {
        // Default behavior: use propertyNames + additionalProperties
        if (ctx.target === "draft-07" || ctx.target === "draft-2020-12") {
            json.propertyNames = to_json_schema_processSchema(def.keyType, ctx, {
                ...params,
                path: [...params.path, "propertyNames"],
            });
            let pending = pendingRecords.get(ctx);
            if (!pending) {
                pending = [];
                pendingRecords.set(ctx, pending);
                ctx.deferred.push(() => rewriteKeyNames(ctx));
            }
            pending.push(schema);
        }
        json.additionalProperties = to_json_schema_processSchema(def.valueType, ctx, {
            ...params,
            path: [...params.path, "additionalProperties"],
        });
    }
    // Add required for keys with discrete values (enum, literal, etc.)
    const keyValues = keyType._zod.values;
    // Every key shares one value schema, so an optional-in value makes the whole key set omittable on input. Output keeps them: the exhaustive branch assigns every key, even one whose value came back undefined.
    const omittableOnInput = ctx.io === "input" && inputOptin(def.valueType) !== undefined;
    if (keyValues && !def.partial && !omittableOnInput) {
        const validKeyValues = [...keyValues].filter((v) => typeof v === "string" || typeof v === "number");
        if (validKeyValues.length > 0) {
            json.required = validKeyValues.map(String);
        }
    }
};
const nullableProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    const inner = to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    if (ctx.target === "openapi-3.0") {
        seen.ref = def.innerType;
        json.nullable = true;
    }
    else {
        json.anyOf = [inner, { type: "null" }];
    }
};
const nonoptionalProcessor = (schema, ctx, _json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
};
/** Round-trips a default value through JSON so the emitted schema is guaranteed to be valid JSON.
 * A BigInt has no reliable encoding, so it goes through `unrepresentable` like any other
 * unrepresentable value. Returns a sentinel when the caller must not write a default of its own. */
const UNREPRESENTABLE_DEFAULT = Symbol();
function serializeDefaultValue(value, schema, ctx, json, params) {
    let unrepresentable = false;
    const serialized = JSON.stringify(value, (_, val) => {
        if (typeof val !== "bigint")
            return val;
        unrepresentable = true;
        return null;
    });
    if (!unrepresentable)
        return JSON.parse(serialized);
    handleUnrepresentable(schema, ctx, json, params, "BigInt defaults cannot be represented in JSON Schema");
    return UNREPRESENTABLE_DEFAULT;
}
const defaultProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
    const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
    if (value !== UNREPRESENTABLE_DEFAULT)
        json.default = value;
};
const prefaultProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
    if (ctx.io !== "input")
        return;
    const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
    if (value !== UNREPRESENTABLE_DEFAULT)
        json._prefault = value;
};
const catchProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
    let catchValue;
    try {
        catchValue = def.catchValue(undefined);
    }
    catch {
        handleUnrepresentable(schema, ctx, json, params, "Dynamic catch values are not supported in JSON Schema");
        return;
    }
    json.default = catchValue;
};
const pipeProcessor = (schema, ctx, _json, params) => {
    const def = schema._zod.def;
    const inIsTransform = def.in._zod.traits.has("$ZodTransform");
    const innerType = ctx.io === "input" ? (inIsTransform ? def.out : def.in) : def.out;
    to_json_schema_processSchema(innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = innerType;
};
const readonlyProcessor = (schema, ctx, json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
    json.readOnly = true;
};
const promiseProcessor = (schema, ctx, _json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
};
const optionalProcessor = (schema, ctx, _json, params) => {
    const def = schema._zod.def;
    to_json_schema_processSchema(def.innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = def.innerType;
};
const lazyProcessor = (schema, ctx, _json, params) => {
    const innerType = schema._zod.innerType;
    to_json_schema_processSchema(innerType, ctx, params);
    const seen = ctx.seen.get(schema);
    seen.ref = innerType;
};
// ==================== ALL PROCESSORS ====================
const allProcessors = {
    string: stringProcessor,
    number: numberProcessor,
    boolean: booleanProcessor,
    bigint: bigintProcessor,
    symbol: symbolProcessor,
    null: nullProcessor,
    undefined: undefinedProcessor,
    void: voidProcessor,
    never: neverProcessor,
    any: anyProcessor,
    unknown: unknownProcessor,
    date: dateProcessor,
    enum: enumProcessor,
    literal: literalProcessor,
    nan: nanProcessor,
    template_literal: templateLiteralProcessor,
    file: fileProcessor,
    success: successProcessor,
    custom: customProcessor,
    function: functionProcessor,
    transform: transformProcessor,
    map: mapProcessor,
    set: setProcessor,
    array: arrayProcessor,
    object: objectProcessor,
    union: unionProcessor,
    intersection: intersectionProcessor,
    tuple: tupleProcessor,
    record: recordProcessor,
    nullable: nullableProcessor,
    nonoptional: nonoptionalProcessor,
    default: defaultProcessor,
    prefault: prefaultProcessor,
    catch: catchProcessor,
    pipe: pipeProcessor,
    readonly: readonlyProcessor,
    promise: promiseProcessor,
    optional: optionalProcessor,
    lazy: lazyProcessor,
};
function toJSONSchema(input, params) {
    if ("_idmap" in input) {
        // Registry case
        const registry = input;
        const ctx = initializeContext({ ...params, processors: allProcessors });
        const defs = {};
        // First pass: process all schemas to build the seen map
        for (const entry of registry._idmap.entries()) {
            const [_, schema] = entry;
            processSchema(schema, ctx);
        }
        const schemas = {};
        const external = {
            registry,
            uri: params?.uri,
            defs,
        };
        // Update the context with external configuration
        ctx.external = external;
        // Second pass: emit each schema
        for (const entry of registry._idmap.entries()) {
            const [key, schema] = entry;
            extractDefs(ctx, schema);
            assignProp(schemas, key, finalize(ctx, schema));
        }
        if (Object.keys(defs).length > 0) {
            const defsSegment = ctx.target === "draft-2020-12" ? "$defs" : "definitions";
            schemas.__shared = {
                [defsSegment]: defs,
            };
        }
        return { schemas };
    }
    // Single schema case
    const ctx = initializeContext({ ...params, processors: allProcessors });
    processSchema(input, ctx);
    extractDefs(ctx, input);
    return finalize(ctx, input);
}

;// CONCATENATED MODULE: ./node_modules/zod/v4/locales/en.js

const error = () => {
    const Sizable = {
        string: { unit: "characters", verb: "to have" },
        file: { unit: "bytes", verb: "to have" },
        array: { unit: "items", verb: "to have" },
        set: { unit: "items", verb: "to have" },
        map: { unit: "entries", verb: "to have" },
    };
    function getSizing(origin) {
        return Sizable[origin] ?? null;
    }
    const FormatDictionary = {
        regex: "input",
        email: "email address",
        url: "URL",
        emoji: "emoji",
        uuid: "UUID",
        uuidv4: "UUIDv4",
        uuidv6: "UUIDv6",
        nanoid: "nanoid",
        guid: "GUID",
        cuid: "cuid",
        cuid2: "cuid2",
        ulid: "ULID",
        xid: "XID",
        ksuid: "KSUID",
        datetime: "ISO datetime",
        date: "ISO date",
        time: "ISO time",
        duration: "ISO duration",
        ipv4: "IPv4 address",
        ipv6: "IPv6 address",
        mac: "MAC address",
        cidrv4: "IPv4 range",
        cidrv6: "IPv6 range",
        base64: "base64-encoded string",
        base64url: "base64url-encoded string",
        json_string: "JSON string",
        e164: "E.164 number",
        currency_code: "currency code",
        credit_card: "credit card number",
        iban: "IBAN",
        jwt: "JWT",
        template_literal: "input",
    };
    // type names: missing keys = do not translate (use raw value via ?? fallback)
    const TypeDictionary = {
        // Compatibility: "nan" -> "NaN" for display
        nan: "NaN",
        // All other type names omitted - they fall back to raw values via ?? operator
    };
    function getTypeName(type, input) {
        if (type === "number" && typeof input === "number" && !Number.isFinite(input)) {
            return String(input);
        }
        return TypeDictionary[type] ?? type;
    }
    return (issue) => {
        switch (issue.code) {
            case "invalid_type": {
                const expected = getTypeName(issue.expected);
                const receivedType = core_util/* parsedType */.GW(issue.input);
                const received = getTypeName(receivedType, issue.input);
                return `Invalid input: expected ${expected}, received ${received}`;
            }
            case "invalid_value":
                if (issue.values.length === 1)
                    return `Invalid input: expected ${core_util/* stringifyPrimitive */.B7(issue.values[0])}`;
                return `Invalid option: expected one of ${core_util/* joinValues */.jw(issue.values, "|")}`;
            case "too_big": {
                const adj = issue.exact ? "exactly " : issue.inclusive ? "<=" : "<";
                const sizing = getSizing(issue.origin);
                if (sizing)
                    return `Too big: expected ${issue.origin ?? "value"} to have ${adj}${issue.maximum.toString()} ${sizing.unit ?? "elements"}`;
                return `Too big: expected ${issue.origin ?? "value"} to be ${adj}${issue.maximum.toString()}`;
            }
            case "too_small": {
                const adj = issue.exact ? "exactly " : issue.inclusive ? ">=" : ">";
                const sizing = getSizing(issue.origin);
                if (sizing) {
                    return `Too small: expected ${issue.origin} to have ${adj}${issue.minimum.toString()} ${sizing.unit}`;
                }
                return `Too small: expected ${issue.origin} to be ${adj}${issue.minimum.toString()}`;
            }
            case "invalid_format": {
                const _issue = issue;
                if (_issue.format === "starts_with") {
                    return `Invalid string: must start with "${_issue.prefix}"`;
                }
                if (_issue.format === "ends_with")
                    return `Invalid string: must end with "${_issue.suffix}"`;
                if (_issue.format === "includes")
                    return `Invalid string: must include "${_issue.includes}"`;
                if (_issue.format === "regex")
                    return `Invalid string: must match pattern ${_issue.pattern}`;
                return `Invalid ${FormatDictionary[_issue.format] ?? issue.format}`;
            }
            case "not_multiple_of":
                return `Invalid number: must be a multiple of ${issue.divisor}`;
            case "unrecognized_keys":
                return `Unrecognized key${issue.keys.length > 1 ? "s" : ""}: ${core_util/* joinValues */.jw(issue.keys, ", ")}`;
            case "invalid_key":
                return `Invalid key in ${issue.origin}`;
            case "invalid_union":
                if (issue.options && Array.isArray(issue.options) && issue.options.length > 0) {
                    const opts = issue.options.map((o) => `'${o}'`).join(" | ");
                    return `Invalid discriminator value. Expected ${opts}`;
                }
                if (issue.inclusive === false) {
                    return "Invalid input: more than one option matched";
                }
                return "Invalid input";
            case "invalid_element":
                return `Invalid value in ${issue.origin}`;
            default:
                return `Invalid input`;
        }
    };
};
/* harmony default export */ function en() {
    return {
        localeError: error(),
    };
}

// EXTERNAL MODULE: ./node_modules/zod/v4/core/errors.js
var errors = __nccwpck_require__(428);
;// CONCATENATED MODULE: ./node_modules/zod/v4/core/parse.js



// Always both keys, so the `_params` read site in `_parse` sees one object shape rather than two.
function finalizeParams(callee, params) {
    return { callee: params?.callee ?? callee, Err: params?.Err };
}
const _parse = (_Err) => {
    const fn = (schema, value, _ctx, _params) => {
        const ctx = _ctx ? { ..._ctx, async: false } : { async: false };
        const result = schema._zod.run({ value, issues: [] }, ctx);
        if (result instanceof Promise) {
            throw new core_core/* $ZodAsyncError */.GT();
        }
        if (result.issues.length) {
            const e = new (_params?.Err ?? _Err)(result.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())));
            core_util/* captureStackTrace */.gx(e, _params?.callee ?? fn);
            throw e;
        }
        return result.value;
    };
    return fn;
};
const parse_parse = /* @__PURE__*/ _parse(errors/* $ZodRealError */.Kd);
const _parseAsync = (_Err) => {
    const fn = async (schema, value, _ctx, params) => {
        const ctx = _ctx ? { ..._ctx, async: true } : { async: true };
        let result = schema._zod.run({ value, issues: [] }, ctx);
        if (result instanceof Promise)
            result = await result;
        if (result.issues.length) {
            const e = new (params?.Err ?? _Err)(result.issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())));
            core_util/* captureStackTrace */.gx(e, params?.callee ?? fn);
            throw e;
        }
        return result.value;
    };
    return fn;
};
const parse_parseAsync = /* @__PURE__*/ _parseAsync(errors/* $ZodRealError */.Kd);
const _safeParse = (_Err) => (schema, value, _ctx) => {
    const ctx = _ctx ? { ..._ctx, async: false } : { async: false };
    const result = schema._zod.run({ value, issues: [] }, ctx);
    if (result instanceof Promise) {
        throw new core_core/* $ZodAsyncError */.GT();
    }
    return result.issues.length ? failure(_Err, result.issues, ctx) : { success: true, data: result.value };
};
const safeParse = /* @__PURE__*/ _safeParse(errors/* $ZodRealError */.Kd);
// the error is built on the first read of `error`: finalizing the issues and constructing the instance is most of a failing parse, and a caller that only branches on `success` never pays it. a getter in the literal keeps this small; the alternative, one shared accessor descriptor plus a hidden state slot, reads ~15% faster but costs ~75 B gzipped in every bundle
function failure(Err, issues, ctx) {
    let error;
    return {
        success: false,
        get error() {
            if (!error) {
                error = new Err(issues.map((iss) => core_util/* finalizeIssue */.iR(iss, ctx, core_core/* config */.$W())));
                // finalizeIssue drops `input`, so the built error holds nothing; keeping the raw issues past this point pins the parsed value for the life of the result
                issues = undefined;
                ctx = undefined;
            }
            return error;
        },
        set error(e) {
            error = e;
            // a replacement makes the getter's branch unreachable, so the captures have to go here too
            issues = undefined;
            ctx = undefined;
        },
    };
}
const _safeParseAsync = (_Err) => async (schema, value, _ctx) => {
    const ctx = _ctx ? { ..._ctx, async: true } : { async: true };
    let result = schema._zod.run({ value, issues: [] }, ctx);
    if (result instanceof Promise)
        result = await result;
    return result.issues.length ? failure(_Err, result.issues, ctx) : { success: true, data: result.value };
};
const safeParseAsync = /* @__PURE__*/ _safeParseAsync(errors/* $ZodRealError */.Kd);
// registry mirrors of the compiler's sentinels, so this module never imports the compiler
const COMPILE_INVALID = /* @__PURE__ */ Symbol.for("zod.compile.invalid");
const COMPILE_FALLBACK = /* @__PURE__ */ Symbol.for("zod.compile.fallback");
// Deliberately tiny, because v8 will not inline a body carrying the fallback's object literals and throw. Everything that is not the compiled happy path lives in validateFallback, and that split is worth ~35% on a compiled schema.
const validate = ((schema, value, _ctx) => {
    const validator = schema._zod.bag.validator;
    if (validator !== undefined) {
        if (validator(value) !== COMPILE_INVALID)
            return true;
        // a definite sentinel means the runtime would reject, so skip the re-parse; a ctx can still change the answer
        if (validator.definite === true && _ctx === undefined)
            return false;
    }
    return validateFallback(schema, value, _ctx);
});
function validateFallback(schema, value, _ctx) {
    const ctx = _ctx
        ? { ..._ctx, async: false, abortEarly: true }
        : { async: false, abortEarly: true };
    const fallbackRun = schema._zod.bag.fallbackRun;
    let result;
    if (fallbackRun) {
        // skip nested fast paths on the fallback, so user callbacks keep the at-most-twice bound
        ctx[COMPILE_FALLBACK] = true;
        result = fallbackRun({ value, issues: [] }, ctx);
    }
    else {
        result = schema._zod.run({ value, issues: [] }, ctx);
    }
    if (result instanceof Promise) {
        throw new core_core/* $ZodAsyncError */.GT();
    }
    return result.issues.length === 0;
}
// no fast path: the compiler keeps async parses on the runtime, because a promise-returning callback that is not declared async compiles to a throw
const parse_validateAsync = async (schema, value, _ctx) => {
    const ctx = _ctx
        ? { ..._ctx, async: true, abortEarly: true }
        : { async: true, abortEarly: true };
    let result = schema._zod.run({ value, issues: [] }, ctx);
    if (result instanceof Promise)
        result = await result;
    return result.issues.length === 0;
};
const _encode = (_Err) => {
    const parse = _parse(_Err);
    const fn = (schema, value, _ctx, _params) => {
        const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
        return parse(schema, value, ctx, finalizeParams(fn, _params));
    };
    return fn;
};
const encode = /* @__PURE__*/ _encode(errors/* $ZodRealError */.Kd);
const _decode = (_Err) => {
    const parse = _parse(_Err);
    const fn = (schema, value, _ctx, _params) => {
        return parse(schema, value, _ctx, finalizeParams(fn, _params));
    };
    return fn;
};
const decode = /* @__PURE__*/ _decode(errors/* $ZodRealError */.Kd);
const _encodeAsync = (_Err) => {
    const parseAsync = _parseAsync(_Err);
    const fn = async (schema, value, _ctx, _params) => {
        const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
        return (await parseAsync(schema, value, ctx, finalizeParams(fn, _params)));
    };
    return fn;
};
const encodeAsync = /* @__PURE__*/ _encodeAsync(errors/* $ZodRealError */.Kd);
const _decodeAsync = (_Err) => {
    const parseAsync = _parseAsync(_Err);
    const fn = async (schema, value, _ctx, _params) => {
        return await parseAsync(schema, value, _ctx, finalizeParams(fn, _params));
    };
    return fn;
};
const decodeAsync = /* @__PURE__*/ _decodeAsync(errors/* $ZodRealError */.Kd);
const _safeEncode = (_Err) => (schema, value, _ctx) => {
    const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
    return _safeParse(_Err)(schema, value, ctx);
};
const safeEncode = /* @__PURE__*/ _safeEncode(errors/* $ZodRealError */.Kd);
const _safeDecode = (_Err) => (schema, value, _ctx) => {
    return _safeParse(_Err)(schema, value, _ctx);
};
const safeDecode = /* @__PURE__*/ _safeDecode(errors/* $ZodRealError */.Kd);
const _safeEncodeAsync = (_Err) => async (schema, value, _ctx) => {
    const ctx = _ctx ? { ..._ctx, direction: "backward" } : { direction: "backward" };
    return _safeParseAsync(_Err)(schema, value, ctx);
};
const safeEncodeAsync = /* @__PURE__*/ _safeEncodeAsync(errors/* $ZodRealError */.Kd);
const _safeDecodeAsync = (_Err) => async (schema, value, _ctx) => {
    return _safeParseAsync(_Err)(schema, value, _ctx);
};
const safeDecodeAsync = /* @__PURE__*/ _safeDecodeAsync(errors/* $ZodRealError */.Kd);

;// CONCATENATED MODULE: ./node_modules/zod/v4/classic/errors.js



/* Prototypes that already carry the lazy helper methods. Seeded with the
 * intrinsics so that `init` on a foreign object — it accepts any object —
 * can never install an accessor onto a prototype we do not own. */
const _installedErrorProtos = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
/* Helper methods live as non-enumerable lazy getters on the shared
 * prototype instead of own properties on every instance. On first
 * access the getter allocates the per-instance closure and caches it
 * as a non-enumerable own property, so detached usage still works and
 * the allocation only happens for methods actually touched. */
function _lazyMethod(proto, key, make) {
    Object.defineProperty(proto, key, {
        configurable: true,
        enumerable: false,
        get() {
            const value = make(this);
            Object.defineProperty(this, key, { value, configurable: true, writable: true });
            return value;
        },
        set(value) {
            Object.defineProperty(this, key, { value, configurable: true, writable: true });
        },
    });
}
const initializer = (inst, issues) => {
    errors/* $ZodError */.a$.init(inst, issues);
    inst.name = "ZodError";
    const proto = Object.getPrototypeOf(inst);
    if (_installedErrorProtos.has(proto))
        return;
    _installedErrorProtos.add(proto);
    _lazyMethod(proto, "format", (self) => (mapper) => errors/* formatError */.Wk(self, mapper));
    _lazyMethod(proto, "flatten", (self) => (mapper) => errors/* flattenError */.JM(self, mapper));
    _lazyMethod(proto, "addIssue", (self) => (issue) => {
        self.issues.push(issue);
        self.message = JSON.stringify(self.issues, core_util/* jsonStringifyReplacer */.k8, 2);
    });
    _lazyMethod(proto, "addIssues", (self) => (issues) => {
        self.issues.push(...issues);
        self.message = JSON.stringify(self.issues, core_util/* jsonStringifyReplacer */.k8, 2);
    });
    Object.defineProperty(proto, "isEmpty", {
        configurable: true,
        enumerable: false,
        get() {
            return this.issues.length === 0;
        },
    });
};
const ZodError = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodError", initializer)));
const ZodRealError = /*@__PURE__*/ core_core/* $constructor */.xI("ZodError", initializer, undefined, {
    Parent: Error,
});
// /** @deprecated Use `z.core.$ZodErrorMapCtx` instead. */
// export type ErrorMapCtx = core.$ZodErrorMapCtx;

;// CONCATENATED MODULE: ./node_modules/zod/v4/classic/parse.js


const classic_parse_parse = /* @__PURE__ */ _parse(ZodRealError);
const classic_parse_parseAsync = /* @__PURE__ */ _parseAsync(ZodRealError);
const parse_safeParse = /* @__PURE__ */ _safeParse(ZodRealError);
const parse_safeParseAsync = /* @__PURE__ */ _safeParseAsync(ZodRealError);

// Codec functions
const parse_encode = /* @__PURE__ */ _encode(ZodRealError);
const parse_decode = /* @__PURE__ */ _decode(ZodRealError);
const parse_encodeAsync = /* @__PURE__ */ _encodeAsync(ZodRealError);
const parse_decodeAsync = /* @__PURE__ */ _decodeAsync(ZodRealError);
const parse_safeEncode = /* @__PURE__ */ _safeEncode(ZodRealError);
const parse_safeDecode = /* @__PURE__ */ _safeDecode(ZodRealError);
const parse_safeEncodeAsync = /* @__PURE__ */ _safeEncodeAsync(ZodRealError);
const parse_safeDecodeAsync = /* @__PURE__ */ _safeDecodeAsync(ZodRealError);

;// CONCATENATED MODULE: ./node_modules/zod/v4/classic/schemas.js








// Register English as the default locale on first ZodType construction. Hooked into the `ZodType` `$constructor` (rather than a top-level `config(en())` in `external.ts`) so bundlers honoring `sideEffects: false` can't tree-shake it out — see #5953, #5725. An explicit `z.config(z.locales.xx())` call wins regardless of order, since this only sets the default when none is present.
function _ensureDefaultLocale() {
    if (!core_core/* globalConfig */.cr.localeError)
        core_core/* config */.$W(en());
}
// the default memoizer is read by the core container init, which runs before `ZodType.init`, so each container calls this first
function _ensureDefaultMemoizer() {
    if (!core_core/* globalConfig */.cr.memoizer)
        core_core/* config */.$W({ memoizer: memoizer() });
}
const ZodType = /*@__PURE__*/ core_core/* $constructor */.xI("ZodType", (inst, def) => {
    _ensureDefaultLocale();
    $ZodType.init(inst, def);
    inst.def = def;
    inst.type = def.type;
    return inst;
}, {
    check(...chks) {
        const def = this.def;
        return this.clone(core_util/* mergeDefs */.zM(def, {
            checks: [
                ...(def.checks ?? []),
                ...chks.map((ch) => typeof ch === "function" ? { _zod: { check: ch, def: { check: "custom" }, onattach: [] } } : ch),
            ],
        }), { parent: true });
    },
    with(...chks) {
        return this.check(...chks);
    },
    clone(def, params) {
        return core_util/* clone */.o8(this, def, params);
    },
    brand() {
        return this;
    },
    register(reg, meta) {
        reg.add(this, meta);
        return this;
    },
    refine(check, params) {
        return this.check(refine(check, params));
    },
    superRefine(refinement, params) {
        return this.check(superRefine(refinement, params));
    },
    overwrite(fn) {
        return this.check(_overwrite(fn));
    },
    optional() {
        return optional(this);
    },
    exactOptional() {
        return exactOptional(this);
    },
    nullable() {
        return nullable(this);
    },
    nullish() {
        return optional(nullable(this));
    },
    nonoptional(params) {
        return nonoptional(this, params);
    },
    array() {
        return array(this);
    },
    or(arg) {
        return union([this, arg]);
    },
    and(arg) {
        return intersection(this, arg);
    },
    transform(tx) {
        return pipe(this, transform(tx));
    },
    default(d) {
        return schemas_default(this, d);
    },
    prefault(d) {
        return prefault(this, d);
    },
    catch(params) {
        return schemas_catch(this, params);
    },
    pipe(target) {
        return pipe(this, target);
    },
    readonly() {
        return readonly(this);
    },
    describe(description) {
        const cl = this.clone();
        globalRegistry.add(cl, { description });
        return cl;
    },
    meta(...args) {
        // overloaded: meta() returns the registered metadata, meta(data) returns a clone with `data` registered. The mapped type picks up the second overload, so we accept variadic any-args and return `any` to satisfy both at runtime.
        if (args.length === 0)
            return globalRegistry.get(this);
        const cl = this.clone();
        globalRegistry.add(cl, args[0]);
        return cl;
    },
    isOptional() {
        return this.safeParse(undefined).success;
    },
    isNullable() {
        return this.safeParse(null).success;
    },
    apply(fn, ...args) {
        return args.length === 0 ? fn(this) : fn(this, ...args);
    },
    // Overrides core's `~standard` to add `jsonSchema`. Must stay a prototype entry: redefining it per instance demotes instances to dictionary mode.
    get "~standard"() {
        return core_util/* hide */.jD(this, "~standard", {
            ...standardProps(this),
            jsonSchema: {
                input: createStandardJSONSchemaMethod(this, "input"),
                output: createStandardJSONSchemaMethod(this, "output"),
            },
        });
    },
    set "~standard"(value) {
        core_util/* own */.qh(this, "~standard", value);
    },
    parse: function _parse(data, params) {
        return classic_parse_parse(this, data, params, { callee: _parse });
    },
    parseAsync: async function _parseAsync(data, params) {
        return await classic_parse_parseAsync(this, data, params, { callee: _parseAsync });
    },
    safeParse(data, params) {
        return parse_safeParse(this, data, params);
    },
    async safeParseAsync(data, params) {
        return parse_safeParseAsync(this, data, params);
    },
    // `spa` is an alias: same function object as `safeParseAsync`, as before.
    get spa() {
        return this?.safeParseAsync;
    },
    set spa(value) {
        core_util/* own */.qh(this, "spa", value);
    },
    validate(data, params) {
        return validate(this, data, params);
    },
    validateAsync(data, params) {
        return parse_validateAsync(this, data, params);
    },
    encode: function _encode(data, params) {
        return parse_encode(this, data, params, { callee: _encode });
    },
    decode: function _decode(data, params) {
        return parse_decode(this, data, params, { callee: _decode });
    },
    encodeAsync: async function _encodeAsync(data, params) {
        return await parse_encodeAsync(this, data, params, { callee: _encodeAsync });
    },
    decodeAsync: async function _decodeAsync(data, params) {
        return await parse_decodeAsync(this, data, params, { callee: _decodeAsync });
    },
    safeEncode(data, params) {
        return parse_safeEncode(this, data, params);
    },
    safeDecode(data, params) {
        return parse_safeDecode(this, data, params);
    },
    async safeEncodeAsync(data, params) {
        return parse_safeEncodeAsync(this, data, params);
    },
    async safeDecodeAsync(data, params) {
        return parse_safeDecodeAsync(this, data, params);
    },
    toJSONSchema(params) {
        return createToJSONSchemaMethod(this, {})(params);
    },
    // Reads through to the registry on every access, so it must not cache.
    get description() {
        return globalRegistry.get(this)?.description;
    },
    // No setter: `schema._def = x` throws, as it did when `_def` was a non-writable own property.
    get _def() {
        return this._zod.def;
    },
});
/** @internal */
const _ZodString = /*@__PURE__*/ core_core/* $constructor */.xI("_ZodString", (inst, def) => {
    $ZodString.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => stringProcessor(inst, ctx, json, params);
}, 
/*@__PURE__*/ core_util/* derived */.un({
    format: (inst) => aggregateChecks(inst).format ?? null,
    minLength: (inst) => aggregateChecks(inst).minimum ?? null,
    maxLength: (inst) => aggregateChecks(inst).maximum ?? null,
}, {
    regex(...args) {
        return this.check(_regex(...args));
    },
    includes(...args) {
        return this.check(_includes(...args));
    },
    startsWith(...args) {
        return this.check(_startsWith(...args));
    },
    endsWith(...args) {
        return this.check(_endsWith(...args));
    },
    min(...args) {
        return this.check(_minLength(...args));
    },
    max(...args) {
        return this.check(_maxLength(...args));
    },
    length(...args) {
        return this.check(_length(...args));
    },
    nonempty(...args) {
        return this.check(_minLength(1, ...args));
    },
    lowercase(params) {
        return this.check(_lowercase(params));
    },
    uppercase(params) {
        return this.check(_uppercase(params));
    },
    trim() {
        return this.check(_trim());
    },
    normalize(...args) {
        return this.check(_normalize(...args));
    },
    toLowerCase() {
        return this.check(_toLowerCase());
    },
    toUpperCase() {
        return this.check(_toUpperCase());
    },
    slugify() {
        return this.check(_slugify());
    },
}));
const ZodString = /*@__PURE__*/ core_core/* $constructor */.xI("ZodString", (inst, def) => {
    $ZodString.init(inst, def);
    _ZodString.init(inst, def);
}, {
    email(params) {
        return this.check(_email(ZodEmail, params));
    },
    url(params) {
        return this.check(_url(ZodURL, params));
    },
    jwt(params) {
        return this.check(_jwt(ZodJWT, params));
    },
    emoji(params) {
        return this.check(api_emoji(ZodEmoji, params));
    },
    guid(params) {
        return this.check(_guid(ZodGUID, params));
    },
    uuid(params) {
        return this.check(_uuid(ZodUUID, params));
    },
    uuidv4(params) {
        return this.check(_uuidv4(ZodUUID, params));
    },
    uuidv6(params) {
        return this.check(_uuidv6(ZodUUID, params));
    },
    uuidv7(params) {
        return this.check(_uuidv7(ZodUUID, params));
    },
    nanoid(params) {
        return this.check(_nanoid(ZodNanoID, params));
    },
    cuid(params) {
        return this.check(_cuid(ZodCUID, params));
    },
    cuid2(params) {
        return this.check(_cuid2(ZodCUID2, params));
    },
    ulid(params) {
        return this.check(_ulid(ZodULID, params));
    },
    base64(params) {
        return this.check(_base64(ZodBase64, params));
    },
    base64url(params) {
        return this.check(_base64url(ZodBase64URL, params));
    },
    xid(params) {
        return this.check(_xid(ZodXID, params));
    },
    ksuid(params) {
        return this.check(_ksuid(ZodKSUID, params));
    },
    ipv4(params) {
        return this.check(_ipv4(ZodIPv4, params));
    },
    ipv6(params) {
        return this.check(_ipv6(ZodIPv6, params));
    },
    cidrv4(params) {
        return this.check(_cidrv4(ZodCIDRv4, params));
    },
    cidrv6(params) {
        return this.check(_cidrv6(ZodCIDRv6, params));
    },
    e164(params) {
        return this.check(_e164(ZodE164, params));
    },
    datetime(params) {
        return this.check(_isoDateTime(ZodISODateTime, params));
    },
    date(params) {
        return this.check(_isoDate(ZodISODate, params));
    },
    time(params) {
        return this.check(_isoTime(ZodISOTime, params));
    },
    duration(params) {
        return this.check(_isoDuration(ZodISODuration, params));
    },
});
function schemas_string(params) {
    return _string(ZodString, params);
}
const ZodStringFormat = /*@__PURE__*/ core_core/* $constructor */.xI("ZodStringFormat", (inst, def) => {
    $ZodStringFormat.init(inst, def);
    _ZodString.init(inst, def);
});
const ZodISODateTime = /*@__PURE__*/ core_core/* $constructor */.xI("ZodISODateTime", (inst, def) => {
    $ZodISODateTime.init(inst, def);
    ZodStringFormat.init(inst, def);
});
const ZodISODate = /*@__PURE__*/ core_core/* $constructor */.xI("ZodISODate", (inst, def) => {
    $ZodISODate.init(inst, def);
    ZodStringFormat.init(inst, def);
});
const ZodISOTime = /*@__PURE__*/ core_core/* $constructor */.xI("ZodISOTime", (inst, def) => {
    $ZodISOTime.init(inst, def);
    ZodStringFormat.init(inst, def);
});
const ZodISODuration = /*@__PURE__*/ core_core/* $constructor */.xI("ZodISODuration", (inst, def) => {
    $ZodISODuration.init(inst, def);
    ZodStringFormat.init(inst, def);
});
const ZodEmail = /*@__PURE__*/ core_core/* $constructor */.xI("ZodEmail", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodEmail.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_email(params) {
    return core._email(ZodEmail, params);
}
const ZodGUID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodGUID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodGUID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_guid(params) {
    return core._guid(ZodGUID, params);
}
const ZodUUID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodUUID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodUUID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_uuid(params) {
    return core._uuid(ZodUUID, params);
}
function uuidv4(params) {
    return core._uuidv4(ZodUUID, params);
}
// ZodUUIDv6
function uuidv6(params) {
    return core._uuidv6(ZodUUID, params);
}
// ZodUUIDv7
function uuidv7(params) {
    return core._uuidv7(ZodUUID, params);
}
const ZodURL = /*@__PURE__*/ core_core/* $constructor */.xI("ZodURL", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodURL.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function url(params) {
    return core._url(ZodURL, params);
}
function httpUrl(params) {
    return core._url(ZodURL, {
        protocol: regexes.httpProtocol,
        hostname: regexes.domain,
        ...util.normalizeParams(params),
    });
}
const ZodEmoji = /*@__PURE__*/ core_core/* $constructor */.xI("ZodEmoji", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodEmoji.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_emoji(params) {
    return core._emoji(ZodEmoji, params);
}
const ZodNanoID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodNanoID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodNanoID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_nanoid(params) {
    return core._nanoid(ZodNanoID, params);
}
/**
 * @deprecated CUID v1 is deprecated by its authors due to information leakage
 * (timestamps embedded in the id). Use {@link ZodCUID2} instead.
 * See https://github.com/paralleldrive/cuid.
 */
const ZodCUID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodCUID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodCUID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
/**
 * Validates a CUID v1 string.
 *
 * @deprecated CUID v1 is deprecated by its authors due to information leakage
 * (timestamps embedded in the id). Use {@link cuid2 | `z.cuid2()`} instead.
 * See https://github.com/paralleldrive/cuid.
 */
function schemas_cuid(params) {
    return core._cuid(ZodCUID, params);
}
const ZodCUID2 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodCUID2", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodCUID2.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_cuid2(params) {
    return core._cuid2(ZodCUID2, params);
}
const ZodULID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodULID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodULID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_ulid(params) {
    return core._ulid(ZodULID, params);
}
const ZodXID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodXID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodXID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_xid(params) {
    return core._xid(ZodXID, params);
}
const ZodKSUID = /*@__PURE__*/ core_core/* $constructor */.xI("ZodKSUID", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodKSUID.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_ksuid(params) {
    return core._ksuid(ZodKSUID, params);
}
const ZodIPv4 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodIPv4", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodIPv4.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_ipv4(params) {
    return core._ipv4(ZodIPv4, params);
}
const ZodMAC = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodMAC", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    core.$ZodMAC.init(inst, def);
    ZodStringFormat.init(inst, def);
})));
function schemas_mac(params) {
    return core._mac(ZodMAC, params);
}
const ZodIPv6 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodIPv6", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodIPv6.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_ipv6(params) {
    return core._ipv6(ZodIPv6, params);
}
const ZodCIDRv4 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodCIDRv4", (inst, def) => {
    $ZodCIDRv4.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_cidrv4(params) {
    return core._cidrv4(ZodCIDRv4, params);
}
const ZodCIDRv6 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodCIDRv6", (inst, def) => {
    $ZodCIDRv6.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_cidrv6(params) {
    return core._cidrv6(ZodCIDRv6, params);
}
const ZodBase64 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodBase64", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodBase64.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_base64(params) {
    return core._base64(ZodBase64, params);
}
const ZodBase64URL = /*@__PURE__*/ core_core/* $constructor */.xI("ZodBase64URL", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodBase64URL.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_base64url(params) {
    return core._base64url(ZodBase64URL, params);
}
const ZodE164 = /*@__PURE__*/ core_core/* $constructor */.xI("ZodE164", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodE164.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function schemas_e164(params) {
    return core._e164(ZodE164, params);
}
const ZodCreditCard = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodCreditCard", (inst, def) => {
    core.$ZodCreditCard.init(inst, def);
    ZodStringFormat.init(inst, def);
})));
function schemas_creditCard(params) {
    return core._creditCard(ZodCreditCard, params);
}
const ZodIBAN = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodIBAN", (inst, def) => {
    core.$ZodIBAN.init(inst, def);
    ZodStringFormat.init(inst, def);
})));
function schemas_iban(params) {
    return core._iban(ZodIBAN, params);
}
const ZodJWT = /*@__PURE__*/ core_core/* $constructor */.xI("ZodJWT", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    $ZodJWT.init(inst, def);
    ZodStringFormat.init(inst, def);
});
function jwt(params) {
    return core._jwt(ZodJWT, params);
}
const ZodCustomStringFormat = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodCustomStringFormat", (inst, def) => {
    // ZodStringFormat.init(inst, def);
    core.$ZodCustomStringFormat.init(inst, def);
    ZodStringFormat.init(inst, def);
})));
function stringFormat(format, fnOrRegex, _params = {}) {
    return core._stringFormat(ZodCustomStringFormat, format, fnOrRegex, _params);
}
function schemas_hostname(_params) {
    return core._stringFormat(ZodCustomStringFormat, "hostname", regexes.hostname, _params);
}
function schemas_hex(_params) {
    return core._stringFormat(ZodCustomStringFormat, "hex", regexes.hex, _params);
}
function schemas_currencyCode(_params) {
    return core._stringFormat(ZodCustomStringFormat, "currency_code", regexes.currencyCode, _params);
}
function hash(alg, params) {
    const enc = params?.enc ?? "hex";
    const format = `${alg}_${enc}`;
    const regex = core.regexes[format];
    if (!regex)
        throw new Error(`Unrecognized hash format: ${format}`);
    return core._stringFormat(ZodCustomStringFormat, format, regex, params);
}
const ZodNumber = /*@__PURE__*/ core_core/* $constructor */.xI("ZodNumber", (inst, def) => {
    $ZodNumber.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => numberProcessor(inst, ctx, json, params);
    inst.isFinite = true;
}, 
/*@__PURE__*/ core_util/* derived */.un({
    minValue: (inst) => {
        const { minimum, exclusiveMinimum } = aggregateChecks(inst);
        return Math.max(minimum ?? Number.NEGATIVE_INFINITY, exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
    },
    maxValue: (inst) => {
        const { maximum, exclusiveMaximum } = aggregateChecks(inst);
        return Math.min(maximum ?? Number.POSITIVE_INFINITY, exclusiveMaximum ?? Number.POSITIVE_INFINITY);
    },
    isInt: (inst) => {
        const { isInt, multipleOf } = aggregateChecks(inst);
        return !!isInt || !!multipleOf?.some(Number.isSafeInteger);
    },
    format: (inst) => aggregateChecks(inst).format ?? null,
}, {
    gt(value, params) {
        return this.check(_gt(value, params));
    },
    gte(value, params) {
        return this.check(_gte(value, params));
    },
    min(value, params) {
        return this.check(_gte(value, params));
    },
    lt(value, params) {
        return this.check(_lt(value, params));
    },
    lte(value, params) {
        return this.check(_lte(value, params));
    },
    max(value, params) {
        return this.check(_lte(value, params));
    },
    int(params) {
        return this.check(schemas_int(params));
    },
    safe(params) {
        return this.check(schemas_int(params));
    },
    positive(params) {
        return this.check(_gt(0, params));
    },
    nonnegative(params) {
        return this.check(_gte(0, params));
    },
    negative(params) {
        return this.check(_lt(0, params));
    },
    nonpositive(params) {
        return this.check(_lte(0, params));
    },
    multipleOf(value, params) {
        return this.check(_multipleOf(value, params));
    },
    step(value, params) {
        return this.check(_multipleOf(value, params));
    },
    finite() {
        return this;
    },
}));
function schemas_number(params) {
    return _number(ZodNumber, params);
}
const ZodNumberFormat = /*@__PURE__*/ core_core/* $constructor */.xI("ZodNumberFormat", (inst, def) => {
    $ZodNumberFormat.init(inst, def);
    ZodNumber.init(inst, def);
});
function schemas_int(params) {
    return _int(ZodNumberFormat, params);
}
function float32(params) {
    return core._float32(ZodNumberFormat, params);
}
function float64(params) {
    return core._float64(ZodNumberFormat, params);
}
function int32(params) {
    return core._int32(ZodNumberFormat, params);
}
function uint32(params) {
    return core._uint32(ZodNumberFormat, params);
}
const ZodBoolean = /*@__PURE__*/ core_core/* $constructor */.xI("ZodBoolean", (inst, def) => {
    $ZodBoolean.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => booleanProcessor(inst, ctx, json, params);
});
function schemas_boolean(params) {
    return _boolean(ZodBoolean, params);
}
const ZodBigInt = /*@__PURE__*/ core_core/* $constructor */.xI("ZodBigInt", (inst, def) => {
    $ZodBigInt.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => bigintProcessor(inst, ctx, json, params);
}, 
/*@__PURE__*/ core_util/* derived */.un({
    minValue: (inst) => aggregateChecks(inst).minimum ?? null,
    maxValue: (inst) => aggregateChecks(inst).maximum ?? null,
    format: (inst) => aggregateChecks(inst).format ?? null,
}, {
    gte(value, params) {
        return this.check(_gte(value, params));
    },
    min(value, params) {
        return this.check(_gte(value, params));
    },
    gt(value, params) {
        return this.check(_gt(value, params));
    },
    lt(value, params) {
        return this.check(_lt(value, params));
    },
    lte(value, params) {
        return this.check(_lte(value, params));
    },
    max(value, params) {
        return this.check(_lte(value, params));
    },
    positive(params) {
        return this.check(_gt(BigInt(0), params));
    },
    negative(params) {
        return this.check(_lt(BigInt(0), params));
    },
    nonpositive(params) {
        return this.check(_lte(BigInt(0), params));
    },
    nonnegative(params) {
        return this.check(_gte(BigInt(0), params));
    },
    multipleOf(value, params) {
        return this.check(_multipleOf(value, params));
    },
}));
function schemas_bigint(params) {
    return core._bigint(ZodBigInt, params);
}
const ZodBigIntFormat = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodBigIntFormat", (inst, def) => {
    core.$ZodBigIntFormat.init(inst, def);
    ZodBigInt.init(inst, def);
})));
function int64(params) {
    return core._int64(ZodBigIntFormat, params);
}
function uint64(params) {
    return core._uint64(ZodBigIntFormat, params);
}
const ZodSymbol = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodSymbol", (inst, def) => {
    core.$ZodSymbol.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.symbolProcessor(inst, ctx, json, params);
})));
function symbol(params) {
    return core._symbol(ZodSymbol, params);
}
const ZodUndefined = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodUndefined", (inst, def) => {
    core.$ZodUndefined.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.undefinedProcessor(inst, ctx, json, params);
})));
function schemas_undefined(params) {
    return core._undefined(ZodUndefined, params);
}

const ZodNull = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodNull", (inst, def) => {
    core.$ZodNull.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.nullProcessor(inst, ctx, json, params);
})));
function schemas_null(params) {
    return core._null(ZodNull, params);
}

const ZodAny = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodAny", (inst, def) => {
    core.$ZodAny.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.anyProcessor(inst, ctx, json, params);
})));
function any() {
    return core._any(ZodAny);
}
const ZodUnknown = /*@__PURE__*/ core_core/* $constructor */.xI("ZodUnknown", (inst, def) => {
    $ZodUnknown.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => unknownProcessor(inst, ctx, json, params);
});
function unknown() {
    return _unknown(ZodUnknown);
}
const ZodNever = /*@__PURE__*/ core_core/* $constructor */.xI("ZodNever", (inst, def) => {
    $ZodNever.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => neverProcessor(inst, ctx, json, params);
});
function never(params) {
    return _never(ZodNever, params);
}
const ZodVoid = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodVoid", (inst, def) => {
    core.$ZodVoid.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.voidProcessor(inst, ctx, json, params);
})));
function schemas_void(params) {
    return core._void(ZodVoid, params);
}

const ZodDate = /*@__PURE__*/ core_core/* $constructor */.xI("ZodDate", (inst, def) => {
    $ZodDate.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => dateProcessor(inst, ctx, json, params);
    inst.min = (value, params) => inst.check(_gte(value, params));
    inst.max = (value, params) => inst.check(_lte(value, params));
}, 
/*@__PURE__*/ core_util/* derived */.un({
    minDate: (inst) => {
        const { minimum } = aggregateChecks(inst);
        return minimum ? new Date(minimum) : null;
    },
    maxDate: (inst) => {
        const { maximum } = aggregateChecks(inst);
        return maximum ? new Date(maximum) : null;
    },
}, {}));
function schemas_date(params) {
    return core._date(ZodDate, params);
}
const ZodArray = /*@__PURE__*/ core_core/* $constructor */.xI("ZodArray", (inst, def) => {
    _ensureDefaultMemoizer();
    $ZodArray.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => arrayProcessor(inst, ctx, json, params);
    inst.element = def.element;
}, {
    min(n, params) {
        return this.check(_minLength(n, params));
    },
    nonempty(params) {
        return this.check(_minLength(1, params));
    },
    max(n, params) {
        return this.check(_maxLength(n, params));
    },
    length(n, params) {
        return this.check(_length(n, params));
    },
    unwrap() {
        return this.element;
    },
});
function array(element, params) {
    return _array(ZodArray, element, params);
}
// .keyof
function keyof(schema) {
    const shape = schema._zod.def.shape;
    return schemas_enum(Object.keys(shape));
}
const ZodObject = /*@__PURE__*/ core_core/* $constructor */.xI("ZodObject", (inst, def) => {
    _ensureDefaultMemoizer();
    $ZodObjectJIT.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => objectProcessor(inst, ctx, json, params);
    core_util/* installLazyProp */.X(inst, "shape", (self) => self._zod.def.shape, false);
}, {
    keyof() {
        return schemas_enum(Object.keys(this._zod.def.shape));
    },
    catchall(catchall) {
        // `mergeDefs` rather than a spread: spreading reads `shape`, and resolving it can mint a whole fresh subtree
        return this.clone(core_util/* mergeDefs */.zM(this._zod.def, { catchall: catchall }));
    },
    passthrough() {
        return this.clone(core_util/* mergeDefs */.zM(this._zod.def, { catchall: unknown() }));
    },
    loose() {
        return this.clone(core_util/* mergeDefs */.zM(this._zod.def, { catchall: unknown() }));
    },
    strict() {
        return this.clone(core_util/* mergeDefs */.zM(this._zod.def, { catchall: never() }));
    },
    strip() {
        return this.clone(core_util/* mergeDefs */.zM(this._zod.def, { catchall: undefined }));
    },
    extend(incoming) {
        return core_util/* extend */.X$(this, incoming);
    },
    safeExtend(incoming) {
        return core_util/* safeExtend */.W0(this, incoming);
    },
    merge(other) {
        return core_util/* merge */.h1(this, other);
    },
    pick(mask) {
        return core_util/* pick */.Up(this, mask);
    },
    omit(mask) {
        return core_util/* omit */.cJ(this, mask);
    },
    partial(...args) {
        return core_util/* partial */.OH(ZodOptional, this, args[0]);
    },
    exactPartial(...args) {
        return core_util/* partial */.OH(ZodExactOptional, this, args[0], "exactPartial");
    },
    required(...args) {
        return core_util/* required */.mw(ZodNonOptional, this, args[0]);
    },
});
function object(shape, params) {
    const def = {
        type: "object",
        shape: shape ?? {},
        ...core_util/* normalizeParams */.A2(params),
    };
    return new ZodObject(def);
}
// strictObject
function strictObject(shape, params) {
    return new ZodObject({
        type: "object",
        shape,
        catchall: never(),
        ...core_util/* normalizeParams */.A2(params),
    });
}
// looseObject
function looseObject(shape, params) {
    return new ZodObject({
        type: "object",
        shape,
        catchall: unknown(),
        ...util.normalizeParams(params),
    });
}
const ZodUnion = /*@__PURE__*/ core_core/* $constructor */.xI("ZodUnion", (inst, def) => {
    $ZodUnion.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => unionProcessor(inst, ctx, json, params);
    inst.options = def.options;
});
function union(options, params) {
    return new ZodUnion({
        type: "union",
        options: options,
        ...core_util/* normalizeParams */.A2(params),
    });
}
const ZodXor = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodXor", (inst, def) => {
    ZodUnion.init(inst, def);
    core.$ZodXor.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.unionProcessor(inst, ctx, json, params);
    inst.options = def.options;
})));
/** Creates an exclusive union (XOR) where exactly one option must match.
 * Unlike regular unions that succeed when any option matches, xor fails if
 * zero or more than one option matches the input. */
function xor(options, params) {
    return new ZodXor({
        type: "union",
        options: options,
        inclusive: false,
        ...util.normalizeParams(params),
    });
}
const ZodDiscriminatedUnion = /*@__PURE__*/ core_core/* $constructor */.xI("ZodDiscriminatedUnion", (inst, def) => {
    ZodUnion.init(inst, def);
    $ZodDiscriminatedUnion.init(inst, def);
});
function discriminatedUnion(discriminator, options, params) {
    // const [options, params] = args;
    return new ZodDiscriminatedUnion({
        type: "union",
        options: options,
        discriminator,
        ...core_util/* normalizeParams */.A2(params),
    });
}
const ZodIntersection = /*@__PURE__*/ core_core/* $constructor */.xI("ZodIntersection", (inst, def) => {
    $ZodIntersection.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => intersectionProcessor(inst, ctx, json, params);
});
function intersection(left, right) {
    return new ZodIntersection({
        type: "intersection",
        left: left,
        right: right,
    });
}
const ZodTuple = /*@__PURE__*/ core_core/* $constructor */.xI("ZodTuple", (inst, def) => {
    _ensureDefaultMemoizer();
    $ZodTuple.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => tupleProcessor(inst, ctx, json, params);
}, {
    rest(rest) {
        return this.clone({
            ...this._zod.def,
            rest: rest,
        });
    },
    partial() {
        const def = this._zod.def;
        // a refinement was authored against the full arity; partialing would run it on a shorter array
        if (def.checks?.length)
            throw new Error(".partial() cannot be used on tuple schemas containing refinements");
        return this.clone({
            ...def,
            items: def.items.map((item) => new ZodOptional({ type: "optional", innerType: item })),
        });
    },
});
function tuple(items, _paramsOrRest, _params) {
    const hasRest = _paramsOrRest instanceof core.$ZodType;
    const params = hasRest ? _params : _paramsOrRest;
    const rest = hasRest ? _paramsOrRest : null;
    return new ZodTuple({
        type: "tuple",
        items: items,
        rest,
        ...util.normalizeParams(params),
    });
}
const ZodRecord = /*@__PURE__*/ core_core/* $constructor */.xI("ZodRecord", (inst, def) => {
    _ensureDefaultMemoizer();
    $ZodRecord.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => recordProcessor(inst, ctx, json, params);
    inst.keyType = def.keyType;
    inst.valueType = def.valueType;
});
function record(keyType, valueType, params) {
    // v3-compat: z.record(valueType, params?) — defaults keyType to z.string()
    if (!valueType || !valueType._zod) {
        return new ZodRecord({
            type: "record",
            keyType: schemas_string(),
            valueType: keyType,
            ...core_util/* normalizeParams */.A2(valueType),
        });
    }
    return new ZodRecord({
        type: "record",
        keyType,
        valueType: valueType,
        ...core_util/* normalizeParams */.A2(params),
    });
}
// type alksjf = core.output<core.$ZodRecordKey>;
function partialRecord(keyType, valueType, params) {
    return new ZodRecord({
        type: "record",
        keyType,
        valueType: valueType,
        ...util.normalizeParams(params),
        partial: true,
    });
}
function looseRecord(keyType, valueType, params) {
    return new ZodRecord({
        type: "record",
        keyType,
        valueType: valueType,
        mode: "loose",
        ...util.normalizeParams(params),
    });
}
const ZodMap = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodMap", (inst, def) => {
    _ensureDefaultMemoizer();
    core.$ZodMap.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.mapProcessor(inst, ctx, json, params);
    inst.keyType = def.keyType;
    inst.valueType = def.valueType;
    inst.min = (...args) => inst.check(core._minSize(...args));
    inst.nonempty = (params) => inst.check(core._minSize(1, params));
    inst.max = (...args) => inst.check(core._maxSize(...args));
    inst.size = (...args) => inst.check(core._size(...args));
})));
function map(keyType, valueType, params) {
    return new ZodMap({
        type: "map",
        keyType: keyType,
        valueType: valueType,
        ...util.normalizeParams(params),
    });
}
const ZodSet = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodSet", (inst, def) => {
    _ensureDefaultMemoizer();
    core.$ZodSet.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.setProcessor(inst, ctx, json, params);
    inst.min = (...args) => inst.check(core._minSize(...args));
    inst.nonempty = (params) => inst.check(core._minSize(1, params));
    inst.max = (...args) => inst.check(core._maxSize(...args));
    inst.size = (...args) => inst.check(core._size(...args));
})));
function set(valueType, params) {
    return new ZodSet({
        type: "set",
        valueType: valueType,
        ...util.normalizeParams(params),
    });
}
const ZodEnum = /*@__PURE__*/ core_core/* $constructor */.xI("ZodEnum", (inst, def) => {
    $ZodEnum.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => enumProcessor(inst, ctx, json, params);
    inst.enum = def.entries;
    // reuse the parsed value set so a numeric TS enum's reverse-mapping keys stay out
    inst.options = [...inst._zod.values];
    const keys = new Set(Object.keys(def.entries));
    inst.extract = (values, params) => {
        const newEntries = {};
        for (const value of values) {
            if (keys.has(value)) {
                newEntries[value] = def.entries[value];
            }
            else
                throw new Error(`Key ${value} not found in enum`);
        }
        return new ZodEnum({
            ...def,
            checks: [],
            ...core_util/* normalizeParams */.A2(params),
            entries: newEntries,
        });
    };
    inst.exclude = (values, params) => {
        const newEntries = { ...def.entries };
        for (const value of values) {
            if (keys.has(value)) {
                delete newEntries[value];
            }
            else
                throw new Error(`Key ${value} not found in enum`);
        }
        return new ZodEnum({
            ...def,
            checks: [],
            ...core_util/* normalizeParams */.A2(params),
            entries: newEntries,
        });
    };
});
function schemas_enum(values, params) {
    const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
    return new ZodEnum({
        type: "enum",
        entries,
        ...core_util/* normalizeParams */.A2(params),
    });
}

/** @deprecated This API has been merged into `z.enum()`. Use `z.enum()` instead.
 *
 * ```ts
 * enum Colors { red, green, blue }
 * z.enum(Colors);
 * ```
 */
function nativeEnum(entries, params) {
    return new ZodEnum({
        type: "enum",
        entries,
        ...util.normalizeParams(params),
    });
}
const ZodLiteral = /*@__PURE__*/ core_core/* $constructor */.xI("ZodLiteral", (inst, def) => {
    $ZodLiteral.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => literalProcessor(inst, ctx, json, params);
    inst.values = new Set(def.values);
    Object.defineProperty(inst, "value", {
        get() {
            if (def.values.length > 1) {
                throw new Error("This schema contains multiple valid literal values. Use `.values` instead.");
            }
            return def.values[0];
        },
    });
});
function literal(value, params) {
    return new ZodLiteral({
        type: "literal",
        values: Array.isArray(value) ? value : [value],
        ...core_util/* normalizeParams */.A2(params),
    });
}
const ZodFile = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodFile", (inst, def) => {
    core.$ZodFile.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.fileProcessor(inst, ctx, json, params);
    inst.min = (size, params) => inst.check(core._minSize(size, params));
    inst.max = (size, params) => inst.check(core._maxSize(size, params));
    inst.mime = (types, params) => inst.check(core._mime(Array.isArray(types) ? types : [types], params));
})));
function file(params) {
    return core._file(ZodFile, params);
}
const ZodTransform = /*@__PURE__*/ core_core/* $constructor */.xI("ZodTransform", (inst, def) => {
    _ensureDefaultMemoizer();
    $ZodTransform.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => transformProcessor(inst, ctx, json, params);
    inst._zod.parse = (payload, _ctx) => {
        if (_ctx.direction === "backward") {
            throw new core_core/* $ZodEncodeError */.cV(inst.constructor.name);
        }
        payload.addIssue = (issue) => {
            if (typeof issue === "string") {
                payload.issues.push(core_util/* issue */.sn(issue, payload.value, def));
            }
            else {
                // for Zod 3 backwards compatibility
                const _issue = issue;
                if (_issue.fatal)
                    _issue.continue = false;
                _issue.code ?? (_issue.code = "custom");
                if (!("input" in _issue))
                    _issue.input = payload.value;
                _issue.inst ?? (_issue.inst = inst);
                // _issue.continue ??= true;
                payload.issues.push(core_util/* issue */.sn(_issue));
            }
        };
        const output = def.transform(payload.value, payload);
        if (output instanceof Promise) {
            return output.then((output) => {
                payload.value = output;
                return payload;
            });
        }
        payload.value = output;
        return payload;
    };
});
function transform(fn) {
    return new ZodTransform({
        type: "transform",
        transform: fn,
    });
}
const ZodOptional = /*@__PURE__*/ core_core/* $constructor */.xI("ZodOptional", (inst, def) => {
    $ZodOptional.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => optionalProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
});
function optional(innerType) {
    return new ZodOptional({
        type: "optional",
        innerType: innerType,
    });
}
const ZodExactOptional = /*@__PURE__*/ core_core/* $constructor */.xI("ZodExactOptional", (inst, def) => {
    $ZodExactOptional.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => optionalProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
});
function exactOptional(innerType) {
    return new ZodExactOptional({
        type: "optional",
        innerType: innerType,
    });
}
const ZodNullable = /*@__PURE__*/ core_core/* $constructor */.xI("ZodNullable", (inst, def) => {
    $ZodNullable.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => nullableProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
});
function nullable(innerType) {
    return new ZodNullable({
        type: "nullable",
        innerType: innerType,
    });
}
// nullish
function nullish(innerType) {
    return optional(nullable(innerType));
}
const ZodDefault = /*@__PURE__*/ core_core/* $constructor */.xI("ZodDefault", (inst, def) => {
    $ZodDefault.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => defaultProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
    inst.removeDefault = inst.unwrap;
});
function schemas_default(innerType, defaultValue) {
    return new ZodDefault({
        type: "default",
        innerType: innerType,
        get defaultValue() {
            return typeof defaultValue === "function" ? defaultValue() : core_util/* shallowClone */.yG(defaultValue);
        },
    });
}
const ZodPrefault = /*@__PURE__*/ core_core/* $constructor */.xI("ZodPrefault", (inst, def) => {
    $ZodPrefault.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => prefaultProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
});
function prefault(innerType, defaultValue) {
    return new ZodPrefault({
        type: "prefault",
        innerType: innerType,
        get defaultValue() {
            return typeof defaultValue === "function" ? defaultValue() : core_util/* shallowClone */.yG(defaultValue);
        },
    });
}
const ZodNonOptional = /*@__PURE__*/ core_core/* $constructor */.xI("ZodNonOptional", (inst, def) => {
    $ZodNonOptional.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => nonoptionalProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
});
function nonoptional(innerType, params) {
    return new ZodNonOptional({
        type: "nonoptional",
        innerType: innerType,
        ...core_util/* normalizeParams */.A2(params),
    });
}
const ZodSuccess = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodSuccess", (inst, def) => {
    core.$ZodSuccess.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.successProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
})));
function success(innerType) {
    return new ZodSuccess({
        type: "success",
        innerType: innerType,
    });
}
const ZodCatch = /*@__PURE__*/ core_core/* $constructor */.xI("ZodCatch", (inst, def) => {
    $ZodCatch.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => catchProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
    inst.removeCatch = inst.unwrap;
});
function schemas_catch(innerType, catchValue) {
    return new ZodCatch({
        type: "catch",
        innerType: innerType,
        catchValue: (typeof catchValue === "function" ? catchValue : core_util/* constantCatch */.SS(catchValue)),
    });
}

const ZodNaN = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodNaN", (inst, def) => {
    core.$ZodNaN.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.nanProcessor(inst, ctx, json, params);
})));
function nan(params) {
    return core._nan(ZodNaN, params);
}
const ZodPipe = /*@__PURE__*/ core_core/* $constructor */.xI("ZodPipe", (inst, def) => {
    $ZodPipe.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => pipeProcessor(inst, ctx, json, params);
    inst.in = def.in;
    inst.out = def.out;
});
function pipe(in_, out) {
    return new ZodPipe({
        type: "pipe",
        in: in_,
        out: out,
        // ...util.normalizeParams(params),
    });
}
const ZodCodec = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodCodec", (inst, def) => {
    ZodPipe.init(inst, def);
    core.$ZodCodec.init(inst, def);
})));
function codec(in_, out, params) {
    return new ZodCodec({
        type: "pipe",
        in: in_,
        out: out,
        transform: params.decode,
        reverseTransform: params.encode,
    });
}
function invertCodec(codec) {
    const def = codec._zod.def;
    return new ZodCodec({
        type: "pipe",
        in: def.out,
        out: def.in,
        transform: def.reverseTransform,
        reverseTransform: def.transform,
    });
}
const ZodPreprocess = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodPreprocess", (inst, def) => {
    ZodPipe.init(inst, def);
    core.$ZodPreprocess.init(inst, def);
})));
const ZodReadonly = /*@__PURE__*/ core_core/* $constructor */.xI("ZodReadonly", (inst, def) => {
    $ZodReadonly.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => readonlyProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
});
function readonly(innerType) {
    return new ZodReadonly({
        type: "readonly",
        innerType: innerType,
    });
}
const ZodTemplateLiteral = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodTemplateLiteral", (inst, def) => {
    core.$ZodTemplateLiteral.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.templateLiteralProcessor(inst, ctx, json, params);
})));
function templateLiteral(parts, params) {
    return new ZodTemplateLiteral({
        type: "template_literal",
        parts,
        ...util.normalizeParams(params),
    });
}
const ZodLazy = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodLazy", (inst, def) => {
    core.$ZodLazy.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.lazyProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.getter();
})));
function lazy(getter) {
    return new ZodLazy({
        type: "lazy",
        getter: getter,
    });
}
const ZodPromise = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodPromise", (inst, def) => {
    core.$ZodPromise.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.promiseProcessor(inst, ctx, json, params);
    inst.unwrap = () => inst._zod.def.innerType;
})));
function promise(innerType) {
    return new ZodPromise({
        type: "promise",
        innerType: innerType,
    });
}
const ZodFunction = /*@__PURE__*/ (/* unused pure expression or super */ null && (core.$constructor("ZodFunction", (inst, def) => {
    core.$ZodFunction.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => processors.functionProcessor(inst, ctx, json, params);
})));
function _function(params) {
    return new ZodFunction({
        type: "function",
        input: Array.isArray(params?.input) ? tuple(params?.input) : (params?.input ?? array(unknown())),
        output: params?.output ?? unknown(),
    });
}

const ZodCustom = /*@__PURE__*/ core_core/* $constructor */.xI("ZodCustom", (inst, def) => {
    $ZodCustom.init(inst, def);
    ZodType.init(inst, def);
    inst._zod.processJSONSchema = (ctx, json, params) => customProcessor(inst, ctx, json, params);
});
// custom checks
function check(fn) {
    const ch = new core.$ZodCheck({
        check: "custom",
        // ...util.normalizeParams(params),
    });
    ch._zod.check = fn;
    return ch;
}
function custom(fn, _params) {
    return core._custom(ZodCustom, fn ?? (() => true), _params);
}
function refine(fn, _params = {}) {
    return _refine(ZodCustom, fn, _params);
}
// superRefine
function superRefine(fn, params) {
    return _superRefine(fn, params);
}
// Re-export describe and meta from core
const schemas_describe = describe;
const schemas_meta = meta;
const ZodInstanceOf = /*@__PURE__*/ core_core/* $constructor */.xI("ZodInstanceOf", (inst, def) => {
    ZodCustom.init(inst, def);
}, {
    properties(shape, params) {
        // asserts in place, so the narrowed output type is truthful without a wrapper
        return this.check(_properties(shape, params));
    },
});
function _instanceof(cls, params = {}) {
    const inst = new ZodInstanceOf({
        type: "custom",
        check: "custom",
        fn: (data) => data instanceof cls,
        abort: true,
        ...util.normalizeParams(params),
    });
    inst._zod.bag.Class = cls;
    // Override check to emit invalid_type instead of custom
    inst._zod.check = (payload) => {
        if (!(payload.value instanceof cls)) {
            payload.issues.push({
                code: "invalid_type",
                expected: cls.name,
                input: payload.value,
                inst,
                path: [...(inst._zod.def.path ?? [])],
            });
        }
    };
    return inst;
}

// stringbool
const stringbool = (...args) => core._stringbool({
    Codec: ZodCodec,
    Boolean: ZodBoolean,
    String: ZodString,
}, ...args);
function json(params) {
    const jsonSchema = lazy(() => {
        return union([schemas_string(params), schemas_number(), schemas_boolean(), schemas_null(), array(jsonSchema), record(schemas_string(), jsonSchema)]);
    });
    return jsonSchema;
}
// preprocess
function preprocess(fn, schema) {
    return new ZodPreprocess({
        type: "pipe",
        in: transform(fn),
        out: schema,
    });
}


/***/ }),

/***/ 532:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   $W: () => (/* binding */ config),
/* harmony export */   GT: () => (/* binding */ $ZodAsyncError),
/* harmony export */   cV: () => (/* binding */ $ZodEncodeError),
/* harmony export */   cr: () => (/* binding */ globalConfig),
/* harmony export */   tm: () => (/* binding */ NEVER),
/* harmony export */   xI: () => (/* binding */ $constructor)
/* harmony export */ });
/* unused harmony export $brand */
/* harmony import */ var _util_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(723);
var _a;

/** A special constant with type `never` */
const NEVER = /*@__PURE__*/ Object.freeze({
    status: "aborted",
});
/* Shared descriptor for installing `_zod`; defineProperty reads it
 * synchronously, so reusing one object avoids a per-instance allocation. */
const _zodDesc = { value: undefined, enumerable: false };
// null where suppressing the capture would be unrecoverable: `parse()` puts the frames back with `captureStackTrace`, so without it the throw would lose its stack. also latched to null once `stackTraceLimit` proves unassignable, which a realm can do at any point by hardening Error
let _E = "captureStackTrace" in Error ? Error : null;
// v8 captures a stack trace inside the Error constructor, which dominates a failed parse; costs only the frames, and parse() restores those. the constructor must RUN: Object.create is cheaper and passes instanceof, but Error.isError and util.types.isNativeError check an internal slot
function newError(Definition) {
    const E = _E;
    if (E) {
        const saved = E.stackTraceLimit;
        if (typeof saved === "number") {
            try {
                E.stackTraceLimit = 0;
            }
            catch {
                _E = null;
                return new Definition();
            }
            try {
                return new Definition();
            }
            finally {
                E.stackTraceLimit = saved;
            }
        }
    }
    return new Definition();
}
function $constructor(name, initializer, 
/** This trait's members, installed once on every prototype that composes it. They cannot be declared in the initializer above: that runs per instance, and the prototype is shared. */
proto, params) {
    // Prototype for this constructor's `_zod` internals. Lazily-derived fields (`values`, `pattern`, `optin`, …) install here once rather than as an accessor on every instance.
    const zodProto = {};
    // Assigning the fields in the constructor body is what gives instances in-object slots; building the object literally and reparenting it costs a second allocation and a generic property copy.
    function Internals(def) {
        this.def = def;
        this.constr = _;
        this.traits = new Set();
    }
    Internals.prototype = zodProto;
    const protoMembers = proto;
    // One trait's members land on every prototype whose chain composes it, so the answer is per prototype rather than per trait.
    const initialized = protoMembers && new WeakSet();
    function init(inst, def) {
        if (!inst._zod) {
            _zodDesc.value = new Internals(def);
            try {
                Object.defineProperty(inst, "_zod", _zodDesc);
            }
            finally {
                // Cleared even on throw, so the shared descriptor never leaks one instance's internals into the next.
                _zodDesc.value = undefined;
            }
        }
        else if (inst._zod.traits.has(name)) {
            return;
        }
        inst._zod.traits.add(name);
        initializer(inst, def);
        if (initialized) {
            // `super(def)` from a user subclass gives `this` a prototype the subclass owns, and installing there would overwrite whatever the subclass declared. `constr` built the instance, so its prototype is the one below the subclass's that should carry the members. A receiver whose chain never reaches that prototype installs on its own, which for a plain object handed straight to `init` means `Object.prototype` — unchanged from before.
            const own = Object.getPrototypeOf(inst);
            const ctorProto = inst._zod.constr.prototype;
            let up = own;
            while (up && up !== ctorProto)
                up = Object.getPrototypeOf(up);
            const target = up ?? own;
            if (!initialized.has(target)) {
                initialized.add(target);
                (0,_util_js__WEBPACK_IMPORTED_MODULE_0__/* .members */ .ol)(target, protoMembers);
            }
        }
        // support prototype modifications; for-in avoids the array allocation of Object.keys on the (usually empty) prototype
        const proto = _.prototype;
        for (const k in proto) {
            if (!Object.prototype.hasOwnProperty.call(proto, k))
                continue;
            if (!(k in inst)) {
                inst[k] = proto[k].bind(inst);
            }
        }
    }
    // doesn't work if Parent has a constructor with arguments
    const Parent = params?.Parent ?? Object;
    class Definition extends Parent {
    }
    Object.defineProperty(Definition, "name", { value: name });
    function _(def) {
        const inst = params?.Parent ? newError(Definition) : this;
        init(inst, def);
        const deferred = inst._zod.deferred;
        if (deferred) {
            for (const fn of deferred) {
                fn();
            }
            // Released: initializers run once, and the list would otherwise be retained for the schema's lifetime.
            inst._zod.deferred = undefined;
        }
        // Global post-processor hook. Internal: installed by `import "zod/compile"` to enable AOT compilation for every constructed schema. Runs last, once the instance is fully built, because it hands the instance to compile(). The post-processor is expected to be reentrancy-guarded by its own implementation.
        const pp = globalThis.__zod_globalConfig?.postProcessor;
        if (pp)
            pp(inst);
        return inst;
    }
    Object.defineProperty(_, "init", { value: init });
    Object.defineProperty(_, Symbol.hasInstance, {
        value: (inst) => {
            if (params?.Parent && inst instanceof params.Parent)
                return true;
            return inst?._zod?.traits?.has(name);
        },
    });
    Object.defineProperty(_, "name", { value: name });
    return _;
}
//////////////////////////////   UTILITIES   ///////////////////////////////////////
const $brand = /*@__PURE__*/ (/* unused pure expression or super */ null && (Symbol("zod_brand")));
class $ZodAsyncError extends Error {
    constructor() {
        super(`Encountered Promise during synchronous parse. Use .parseAsync() instead.`);
    }
}
class $ZodEncodeError extends Error {
    constructor(name) {
        super(`Encountered unidirectional transform during encode: ${name}`);
        this.name = "ZodEncodeError";
    }
}
(_a = globalThis).__zod_globalConfig ?? (_a.__zod_globalConfig = {});
const globalConfig = globalThis.__zod_globalConfig;
function config(newConfig) {
    if (newConfig)
        Object.assign(globalConfig, newConfig);
    return globalConfig;
}


/***/ }),

/***/ 428:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   JM: () => (/* binding */ flattenError),
/* harmony export */   Kd: () => (/* binding */ $ZodRealError),
/* harmony export */   S1: () => (/* binding */ prettifyError),
/* harmony export */   Wk: () => (/* binding */ formatError),
/* harmony export */   a$: () => (/* binding */ $ZodError)
/* harmony export */ });
/* unused harmony exports treeifyError, toDotPath */
/* harmony import */ var _core_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(532);
/* harmony import */ var _util_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(723);


/* Computing the message eagerly is expensive (pretty-printed JSON of all
 * issues), so defer it until first read. The accessor functions and
 * descriptors are shared across instances to keep error construction
 * cheap; the computed message is cached on the internals object. The
 * setter preserves plain assignment semantics for consumers that
 * overwrite `message`. */
function _getMessage() {
    const internals = this._zod;
    internals.message ?? (internals.message = JSON.stringify(internals.def, _util_js__WEBPACK_IMPORTED_MODULE_0__/* .jsonStringifyReplacer */ .k8, 2));
    return internals.message;
}
function _setMessage(value) {
    this._zod.message = value;
}
const _messageDesc = {
    get: _getMessage,
    set: _setMessage,
    enumerable: true,
    configurable: true,
};
const _issuesDesc = { value: undefined, enumerable: false };
/* Prototypes that already carry the lazy `toString`. Seeded with the
 * intrinsics so that `init` on a foreign object — it accepts any object —
 * can never install an accessor onto a prototype we do not own. */
const _installedToString = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
const initializer = (inst, def) => {
    inst.name = "$ZodError";
    // `_zod` is already non-enumerable: $constructor's init defined it with this same descriptor
    _issuesDesc.value = def;
    Object.defineProperty(inst, "issues", _issuesDesc);
    // Clear the shared slot; a retained `value` pins the last error's issues.
    _issuesDesc.value = undefined;
    Object.defineProperty(inst, "message", _messageDesc);
    /* `toString` lives as a non-enumerable lazy getter on the shared
     * prototype; on first access it caches a per-instance closure so
     * detached usage still works. */
    const proto = Object.getPrototypeOf(inst);
    if (!_installedToString.has(proto)) {
        _installedToString.add(proto);
        Object.defineProperty(proto, "toString", {
            configurable: true,
            enumerable: false,
            get() {
                const value = () => this.message;
                Object.defineProperty(this, "toString", { value, configurable: true, writable: true });
                return value;
            },
            set(value) {
                Object.defineProperty(this, "toString", { value, configurable: true, writable: true });
            },
        });
    }
};
const $ZodError = (0,_core_js__WEBPACK_IMPORTED_MODULE_1__/* .$constructor */ .xI)("$ZodError", initializer);
const $ZodRealError = (0,_core_js__WEBPACK_IMPORTED_MODULE_1__/* .$constructor */ .xI)("$ZodError", initializer, undefined, {
    Parent: Error,
});
/** Get-or-create `obj[key]` as an own data property. A path segment naming an inherited member
 * ("toString", "constructor") would otherwise read through to the prototype, and assigning
 * "__proto__" would hit the setter instead of creating a key. */
function node(obj, key, make) {
    if (!Object.prototype.hasOwnProperty.call(obj, key)) {
        if (key === "__proto__") {
            Object.defineProperty(obj, key, { value: make(), writable: true, enumerable: true, configurable: true });
        }
        else {
            obj[key] = make();
        }
    }
    return obj[key];
}
function flattenError(error, mapper = (issue) => issue.message) {
    const fieldErrors = {};
    const formErrors = [];
    for (const sub of error.issues) {
        if (sub.path.length > 0) {
            node(fieldErrors, sub.path[0], () => []).push(mapper(sub));
        }
        else {
            formErrors.push(mapper(sub));
        }
    }
    return { formErrors, fieldErrors };
}
function formatError(error, mapper = (issue) => issue.message) {
    const fieldErrors = { _errors: [] };
    const processError = (error, path = []) => {
        for (const issue of error.issues) {
            if (issue.code === "invalid_union" && issue.errors.length) {
                issue.errors.map((issues) => processError({ issues }, [...path, ...issue.path]));
            }
            else if (issue.code === "invalid_key") {
                processError({ issues: issue.issues }, [...path, ...issue.path]);
            }
            else if (issue.code === "invalid_element") {
                processError({ issues: issue.issues }, [...path, ...issue.path]);
            }
            else {
                const fullpath = [...path, ...issue.path];
                if (fullpath.length === 0) {
                    fieldErrors._errors.push(mapper(issue));
                }
                else {
                    let curr = fieldErrors;
                    let i = 0;
                    while (i < fullpath.length) {
                        const el = fullpath[i];
                        const terminal = i === fullpath.length - 1;
                        // `_errors` is reserved by this legacy format, so merge a matching path segment into the current node instead of treating its array as a child.
                        if (el === "_errors") {
                            if (terminal)
                                curr._errors.push(mapper(issue));
                            i++;
                            continue;
                        }
                        // A path element may collide with an inherited property name such as
                        // "__proto__" or "constructor". Truthiness checks read the prototype
                        // (so no node is created, then ._errors.push throws), and bracket
                        // assignment of "__proto__" hits the setter instead of creating an
                        // own key. Guard the read with hasOwnProperty and create the node
                        // with defineProperty so any path element becomes a real own key.
                        if (!Object.prototype.hasOwnProperty.call(curr, el)) {
                            Object.defineProperty(curr, el, {
                                value: { _errors: [] },
                                enumerable: true,
                                writable: true,
                                configurable: true,
                            });
                        }
                        const node = curr[el];
                        if (terminal) {
                            node._errors.push(mapper(issue));
                        }
                        curr = node;
                        i++;
                    }
                }
            }
        }
    };
    processError(error);
    return fieldErrors;
}
function treeifyError(error, mapper = (issue) => issue.message) {
    const result = { errors: [] };
    const processError = (error, path = []) => {
        var _a;
        for (const issue of error.issues) {
            if (issue.code === "invalid_union" && issue.errors.length) {
                // regular union error
                issue.errors.map((issues) => processError({ issues }, [...path, ...issue.path]));
            }
            else if (issue.code === "invalid_key") {
                processError({ issues: issue.issues }, [...path, ...issue.path]);
            }
            else if (issue.code === "invalid_element") {
                processError({ issues: issue.issues }, [...path, ...issue.path]);
            }
            else {
                const fullpath = [...path, ...issue.path];
                if (fullpath.length === 0) {
                    result.errors.push(mapper(issue));
                    continue;
                }
                let curr = result;
                let i = 0;
                while (i < fullpath.length) {
                    const el = fullpath[i];
                    const terminal = i === fullpath.length - 1;
                    if (typeof el === "string") {
                        curr.properties ?? (curr.properties = {});
                        // el may collide with an inherited property name ("__proto__",
                        // "constructor", ...); ??= reads the prototype so the node is never
                        // created and curr.errors.push throws. Guard with hasOwnProperty and
                        // create the node with defineProperty so "__proto__" becomes a real
                        // own key rather than invoking the prototype setter.
                        if (!Object.prototype.hasOwnProperty.call(curr.properties, el)) {
                            Object.defineProperty(curr.properties, el, {
                                value: { errors: [] },
                                enumerable: true,
                                writable: true,
                                configurable: true,
                            });
                        }
                        curr = curr.properties[el];
                    }
                    else {
                        curr.items ?? (curr.items = []);
                        (_a = curr.items)[el] ?? (_a[el] = { errors: [] });
                        curr = curr.items[el];
                    }
                    if (terminal) {
                        curr.errors.push(mapper(issue));
                    }
                    i++;
                }
            }
        }
    };
    processError(error);
    return result;
}
/** Format a ZodError as a human-readable string in the following form.
 *
 * From
 *
 * ```ts
 * ZodError {
 *   issues: [
 *     {
 *       expected: 'string',
 *       code: 'invalid_type',
 *       path: [ 'username' ],
 *       message: 'Invalid input: expected string'
 *     },
 *     {
 *       expected: 'number',
 *       code: 'invalid_type',
 *       path: [ 'favoriteNumbers', 1 ],
 *       message: 'Invalid input: expected number'
 *     }
 *   ];
 * }
 * ```
 *
 * to
 *
 * ```
 * username
 *   ✖ Expected number, received string at "username
 * favoriteNumbers[0]
 *   ✖ Invalid input: expected number
 * ```
 */
function toDotPath(_path) {
    const segs = [];
    const path = _path.map((seg) => (typeof seg === "object" ? seg.key : seg));
    for (const seg of path) {
        if (typeof seg === "number")
            segs.push(`[${seg}]`);
        else if (typeof seg === "symbol")
            segs.push(`[${JSON.stringify(String(seg))}]`);
        else if (/[^\w$]/.test(seg))
            segs.push(`[${JSON.stringify(seg)}]`);
        else {
            if (segs.length)
                segs.push(".");
            segs.push(seg);
        }
    }
    return segs.join("");
}
function prettifyError(error) {
    const lines = [];
    // sort by path length
    const issues = [...error.issues].sort((a, b) => (a.path ?? []).length - (b.path ?? []).length);
    // Process each issue
    for (const issue of issues) {
        lines.push(`✖ ${issue.message}`);
        if (issue.path?.length)
            lines.push(`  → at ${toDotPath(issue.path)}`);
    }
    // Convert Map to formatted string
    return lines.join("\n");
}


/***/ }),

/***/ 723:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   A2: () => (/* binding */ normalizeParams),
/* harmony export */   B7: () => (/* binding */ stringifyPrimitive),
/* harmony export */   GW: () => (/* binding */ parsedType),
/* harmony export */   Gv: () => (/* binding */ isObject),
/* harmony export */   LG: () => (/* binding */ floatSafeRemainder),
/* harmony export */   MO: () => (/* binding */ rawShape),
/* harmony export */   NM: () => (/* binding */ optionalKeys),
/* harmony export */   NR: () => (/* binding */ BIGINT_FORMAT_RANGES),
/* harmony export */   O7: () => (/* binding */ codePointLength),
/* harmony export */   OH: () => (/* binding */ partial),
/* harmony export */   PO: () => (/* binding */ cached),
/* harmony export */   QH: () => (/* binding */ aborted),
/* harmony export */   Qd: () => (/* binding */ isPlainObject),
/* harmony export */   Rc: () => (/* binding */ getLengthableOrigin),
/* harmony export */   SS: () => (/* binding */ constantCatch),
/* harmony export */   UQ: () => (/* binding */ esc),
/* harmony export */   Up: () => (/* binding */ pick),
/* harmony export */   Vy: () => (/* binding */ assignProp),
/* harmony export */   W0: () => (/* binding */ safeExtend),
/* harmony export */   X: () => (/* binding */ installLazyProp),
/* harmony export */   X$: () => (/* binding */ extend),
/* harmony export */   Yv: () => (/* binding */ slugify),
/* harmony export */   cJ: () => (/* binding */ omit),
/* harmony export */   cl: () => (/* binding */ nullish),
/* harmony export */   d3: () => (/* binding */ attachSchema),
/* harmony export */   gx: () => (/* binding */ captureStackTrace),
/* harmony export */   h1: () => (/* binding */ merge),
/* harmony export */   hI: () => (/* binding */ allowsEval),
/* harmony export */   hi: () => (/* binding */ sizeCaps),
/* harmony export */   iR: () => (/* binding */ finalizeIssue),
/* harmony export */   jD: () => (/* binding */ hide),
/* harmony export */   jw: () => (/* binding */ joinValues),
/* harmony export */   k8: () => (/* binding */ jsonStringifyReplacer),
/* harmony export */   lQ: () => (/* binding */ prefixIssues),
/* harmony export */   mw: () => (/* binding */ required),
/* harmony export */   o8: () => (/* binding */ clone),
/* harmony export */   ol: () => (/* binding */ members),
/* harmony export */   p6: () => (/* binding */ cleanRegex),
/* harmony export */   qQ: () => (/* binding */ propertyKeyTypes),
/* harmony export */   qh: () => (/* binding */ own),
/* harmony export */   rL: () => (/* binding */ explicitlyAborted),
/* harmony export */   sD: () => (/* binding */ escapeRegex),
/* harmony export */   sn: () => (/* binding */ issue),
/* harmony export */   un: () => (/* binding */ derived),
/* harmony export */   v5: () => (/* binding */ defineLazyInternal),
/* harmony export */   w5: () => (/* binding */ getEnumValues),
/* harmony export */   yG: () => (/* binding */ shallowClone),
/* harmony export */   zH: () => (/* binding */ NUMBER_FORMAT_RANGES),
/* harmony export */   zM: () => (/* binding */ mergeDefs)
/* harmony export */ });
/* unused harmony exports assertEqual, assertNotEqual, toZod, assertIs, assertNever, assert, defineLazy, objectClone, cloneDef, getElementAtPath, promiseAllObject, randomString, numKeys, getParsedType, primitiveTypes, createTransparentProxy, unwrapMessage, getSizableOrigin, cleanEnum, base64ToUint8Array, uint8ArrayToBase64, base64urlToUint8Array, uint8ArrayToBase64url, hexToUint8Array, uint8ArrayToHex, Class, CONSTANT_CATCH */
/* harmony import */ var _core_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(532);

// functions
function assertEqual(val) {
    return val;
}
function assertNotEqual(val) {
    return val;
}
function toZod() {
    return (schema) => schema;
}
function assertIs(_arg) { }
function assertNever(_x) {
    throw new Error("Unexpected value in exhaustive check");
}
function assert(_) { }
function getEnumValues(entries) {
    const numericValues = Object.values(entries).filter((v) => typeof v === "number");
    const values = Object.entries(entries)
        .filter(([k, _]) => numericValues.indexOf(+k) === -1)
        .map(([_, v]) => v);
    return values;
}
function joinValues(array, separator = "|") {
    return array.map((val) => stringifyPrimitive(val)).join(separator);
}
function jsonStringifyReplacer(_, value) {
    if (typeof value === "bigint")
        return value.toString();
    return value;
}
// the accessor lives on a shared prototype: an own accessor makes every box a dictionary-mode object (~360 B and a slow load per read against ~100 B and an inlined getter here)
class Cached {
    constructor(getter) {
        this._getter = getter;
        this._value = undefined;
    }
    get value() {
        const getter = this._getter;
        if (getter !== undefined) {
            this._value = getter();
            this._getter = undefined;
        }
        return this._value;
    }
}
function cached(getter) {
    return new Cached(getter);
}
function nullish(input) {
    return input === null || input === undefined;
}
function cleanRegex(source) {
    const start = source.startsWith("^") ? 1 : 0;
    const end = source.endsWith("$") ? source.length - 1 : source.length;
    return source.slice(start, end);
}
function floatSafeRemainder(val, step) {
    const ratio = val / step;
    const roundedRatio = Math.round(ratio);
    // `val` and `step` each round to a double before the division rounds again, so a true decimal multiple's quotient can sit up to 1.5 of these scaled epsilons from the integer. A 1x tolerance therefore rejected 2.03 as a multiple of 0.07; 4x covers the worst case with margin.
    const tolerance = 4 * Number.EPSILON * Math.max(Math.abs(ratio), 1);
    if (Math.abs(ratio - roundedRatio) < tolerance)
        return 0;
    return ratio - roundedRatio;
}
const EVALUATING = /* @__PURE__*/ (/* unused pure expression or super */ null && (Symbol("evaluating")));
function defineLazy(object, key, getter) {
    let value = undefined;
    Object.defineProperty(object, key, {
        get() {
            if (value === EVALUATING) {
                // Circular reference detected, return undefined to break the cycle
                return undefined;
            }
            if (value === undefined) {
                value = EVALUATING;
                value = getter();
            }
            return value;
        },
        set(v) {
            Object.defineProperty(object, key, {
                value: v,
                // configurable: true,
            });
            // object[key] = v;
        },
        configurable: true,
    });
}
function objectClone(obj) {
    return Object.create(Object.getPrototypeOf(obj), Object.getOwnPropertyDescriptors(obj));
}
function assignProp(target, prop, value) {
    Object.defineProperty(target, prop, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
    });
}
/**
 * Whichever object a def's `shape` currently answers from: the one the caller passed until the first read, the frozen copy after it.
 *
 * Its keys and descriptors read without invoking anything, which is what lets a discriminated union check its discriminator, and the cycle walk read a shape, without resolving a getter that references the schema being constructed. A def that answers `shape` from an accessor of its own has none.
 */
function rawShape(def) {
    const desc = Object.getOwnPropertyDescriptor(def, "shape");
    return desc?.get ? desc.get.raw : desc?.value;
}
// where a builder reads its source's keys and descriptors, resolving only a shape a def answers for itself. A shape resolves by object spread, so only its enumerable keys are ever part of it.
function sourceShape(schema) {
    return rawShape(schema._zod.def) ?? schema._zod.def.shape;
}
// a key whose value is not settled yet, self-caching so every read after the first gets the same one
function deferProp(target, key, getter) {
    Object.defineProperty(target, key, {
        get() {
            const value = getter();
            assignProp(this, key, value);
            return value;
        },
        enumerable: true,
        configurable: true,
    });
}
// Writes a settled key. A plain assignment is much cheaper than `defineProperty` and produces the same descriptor, but it runs whatever setter already answers to the key — an accessor this shape deferred, or an inherited one, which `__proto__` has on every object and prototype pollution can add for any name.
function putProp(target, key, value) {
    if (key in target)
        assignProp(target, key, value);
    else
        target[key] = value;
}
/**
 * Copies `keys` of `source`'s shape onto `target`, each value passed through `wrap`.
 *
 * A key the source has resolved is copied through now, so the derived shape states it outright and nothing has to resolve it to learn what it holds. A key the source still defers stays deferred, and reads back through the source's own `shape`, so it resolves once and both shapes get that one schema.
 */
function mirrorShape(target, source, keys, wrap) {
    const raw = sourceShape(source);
    for (const key of keys) {
        const desc = Object.getOwnPropertyDescriptor(raw, key);
        if (!desc.enumerable)
            continue;
        if (desc.get) {
            deferProp(target, key, () => {
                const value = source._zod.def.shape[key];
                return wrap ? wrap(value, key) : value;
            });
        }
        else
            putProp(target, key, wrap ? wrap(desc.value, key) : desc.value);
    }
}
// same, for a plain shape a caller passed rather than a schema's
function mirrorProps(target, source) {
    for (const key of Reflect.ownKeys(source)) {
        const desc = Object.getOwnPropertyDescriptor(source, key);
        if (!desc.enumerable)
            continue;
        if (desc.get)
            deferProp(target, key, () => source[key]);
        else
            putProp(target, key, desc.value);
    }
}
function mergeDefs(...defs) {
    const mergedDescriptors = {};
    for (const def of defs) {
        const descriptors = Object.getOwnPropertyDescriptors(def);
        Object.assign(mergedDescriptors, descriptors);
    }
    return Object.defineProperties({}, mergedDescriptors);
}
function cloneDef(schema) {
    return mergeDefs(schema._zod.def);
}
function getElementAtPath(obj, path) {
    if (!path)
        return obj;
    return path.reduce((acc, key) => acc?.[key], obj);
}
function promiseAllObject(promisesObj) {
    const keys = Object.keys(promisesObj);
    const promises = keys.map((key) => promisesObj[key]);
    return Promise.all(promises).then((results) => {
        const resolvedObj = {};
        for (let i = 0; i < keys.length; i++) {
            resolvedObj[keys[i]] = results[i];
        }
        return resolvedObj;
    });
}
function randomString(length = 10) {
    const chars = "abcdefghijklmnopqrstuvwxyz";
    let str = "";
    for (let i = 0; i < length; i++) {
        str += chars[Math.floor(Math.random() * chars.length)];
    }
    return str;
}
function esc(str) {
    return JSON.stringify(str);
}
function slugify(input) {
    return input
        .toLowerCase()
        .trim()
        .replace(/[^\w\s-]/g, "")
        .replace(/[\s_-]+/g, "-")
        .replace(/^-+|-+$/g, "");
}
const captureStackTrace = ("captureStackTrace" in Error ? Error.captureStackTrace : (..._args) => { });
function isObject(data) {
    return typeof data === "object" && data !== null && !Array.isArray(data);
}
const allowsEval = /* @__PURE__*/ cached(() => {
    // Skip the probe under `jitless`: strict CSPs report the caught `new Function` as a `securitypolicyviolation` even though the throw is swallowed.
    if (_core_js__WEBPACK_IMPORTED_MODULE_0__/* .globalConfig */ .cr.jitless) {
        return false;
    }
    // @ts-ignore
    if (typeof navigator !== "undefined" && navigator?.userAgent?.includes("Cloudflare")) {
        return false;
    }
    try {
        const F = Function;
        new F("");
        return true;
    }
    catch (_) {
        return false;
    }
});
function isPlainObject(o) {
    if (isObject(o) === false)
        return false;
    // modified constructor
    const ctor = o.constructor;
    if (ctor === undefined)
        return true;
    if (typeof ctor !== "function")
        return true;
    // modified prototype
    const prot = ctor.prototype;
    if (isObject(prot) === false)
        return false;
    // ctor doesn't have static `isPrototypeOf`
    if (Object.prototype.hasOwnProperty.call(prot, "isPrototypeOf") === false) {
        return false;
    }
    return true;
}
function shallowClone(o) {
    if (isPlainObject(o))
        return { ...o };
    if (Array.isArray(o))
        return [...o];
    if (o instanceof Map)
        return new Map(o);
    if (o instanceof Set)
        return new Set(o);
    return o;
}
function numKeys(data) {
    let keyCount = 0;
    for (const key in data) {
        if (Object.prototype.hasOwnProperty.call(data, key)) {
            keyCount++;
        }
    }
    return keyCount;
}
const getParsedType = (data) => {
    const t = typeof data;
    switch (t) {
        case "undefined":
            return "undefined";
        case "string":
            return "string";
        case "number":
            return Number.isNaN(data) ? "nan" : "number";
        case "boolean":
            return "boolean";
        case "function":
            return "function";
        case "bigint":
            return "bigint";
        case "symbol":
            return "symbol";
        case "object":
            if (Array.isArray(data)) {
                return "array";
            }
            if (data === null) {
                return "null";
            }
            if (data.then && typeof data.then === "function" && data.catch && typeof data.catch === "function") {
                return "promise";
            }
            if (typeof Map !== "undefined" && data instanceof Map) {
                return "map";
            }
            if (typeof Set !== "undefined" && data instanceof Set) {
                return "set";
            }
            if (typeof Date !== "undefined" && data instanceof Date) {
                return "date";
            }
            // @ts-ignore
            if (typeof File !== "undefined" && data instanceof File) {
                return "file";
            }
            return "object";
        default:
            throw new Error(`Unknown data type: ${t}`);
    }
};
const propertyKeyTypes = /* @__PURE__*/ new Set(["string", "number", "symbol"]);
const primitiveTypes = /* @__PURE__*/ new Set([
    "string",
    "number",
    "bigint",
    "boolean",
    "symbol",
    "undefined",
]);
function escapeRegex(str) {
    return str.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
// zod-specific utils
function clone(inst, def, params) {
    const cl = new inst._zod.constr(def ?? inst._zod.def);
    if (!def || params?.parent)
        cl._zod.parent = inst;
    return cl;
}
function normalizeParams(_params) {
    const params = _params;
    if (!params)
        return {};
    if (typeof params === "string")
        return { error: () => params };
    if (params?.message !== undefined) {
        if (params?.error !== undefined)
            throw new Error("Cannot specify both `message` and `error` params");
        params.error = params.message;
    }
    delete params.message;
    if (typeof params.error === "string")
        return { ...params, error: () => params.error };
    return params;
}
function createTransparentProxy(getter) {
    let target;
    return new Proxy({}, {
        get(_, prop, receiver) {
            target ?? (target = getter());
            return Reflect.get(target, prop, receiver);
        },
        set(_, prop, value, receiver) {
            target ?? (target = getter());
            return Reflect.set(target, prop, value, receiver);
        },
        has(_, prop) {
            target ?? (target = getter());
            return Reflect.has(target, prop);
        },
        deleteProperty(_, prop) {
            target ?? (target = getter());
            return Reflect.deleteProperty(target, prop);
        },
        ownKeys(_) {
            target ?? (target = getter());
            return Reflect.ownKeys(target);
        },
        getOwnPropertyDescriptor(_, prop) {
            target ?? (target = getter());
            return Reflect.getOwnPropertyDescriptor(target, prop);
        },
        defineProperty(_, prop, descriptor) {
            target ?? (target = getter());
            return Reflect.defineProperty(target, prop, descriptor);
        },
    });
}
function stringifyPrimitive(value) {
    if (typeof value === "bigint")
        return value.toString() + "n";
    if (typeof value === "string")
        return `"${value}"`;
    return `${value}`;
}
function optionalKeys(shape) {
    return Object.keys(shape).filter((k) => {
        return shape[k]._zod.optin !== undefined && shape[k]._zod.optout === "optional";
    });
}
// Wrapped in a `@__PURE__` IIFE: esbuild never tree-shakes a top-level initializer that contains a member access on `Number`, so the bare object literal survived into every bundle.
const NUMBER_FORMAT_RANGES = /*@__PURE__*/ (() => ({
    safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    int32: [-2147483648, 2147483647],
    uint32: [0, 4294967295],
    float32: [-3.4028234663852886e38, 3.4028234663852886e38],
    float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
}))();
const BIGINT_FORMAT_RANGES = {
    int64: [/* @__PURE__*/ BigInt("-9223372036854775808"), /* @__PURE__*/ BigInt("9223372036854775807")],
    uint64: [/* @__PURE__*/ BigInt(0), /* @__PURE__*/ BigInt("18446744073709551615")],
};
function pick(schema, mask) {
    const currDef = schema._zod.def;
    const checks = currDef.checks;
    const hasChecks = checks && checks.length > 0;
    if (hasChecks) {
        throw new Error(".pick() cannot be used on object schemas containing refinements");
    }
    const newShape = {};
    mirrorShape(newShape, schema, maskedKeys(schema, mask));
    return clone(schema, mergeDefs(currDef, { shape: newShape, checks: [] }));
}
// the mask keys that select something, checked against the source's shape without resolving it
function maskedKeys(schema, mask) {
    const raw = sourceShape(schema);
    const keys = [];
    // `for...in` skips symbols, so a symbol in the mask would select nothing
    for (const key of Reflect.ownKeys(mask)) {
        if (!Object.getOwnPropertyDescriptor(raw, key)?.enumerable) {
            throw new Error(`Unrecognized key: "${String(key)}"`);
        }
        if (mask[key])
            keys.push(key);
    }
    return keys;
}
function omit(schema, mask) {
    const currDef = schema._zod.def;
    const checks = currDef.checks;
    const hasChecks = checks && checks.length > 0;
    if (hasChecks) {
        throw new Error(".omit() cannot be used on object schemas containing refinements");
    }
    const omitted = new Set(maskedKeys(schema, mask));
    const newShape = {};
    mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)).filter((key) => !omitted.has(key)));
    return clone(schema, mergeDefs(currDef, { shape: newShape, checks: [] }));
}
function extend(schema, shape) {
    if (!isPlainObject(shape)) {
        throw new Error("Invalid input to extend: expected a plain object");
    }
    const checks = schema._zod.def.checks;
    const hasChecks = checks && checks.length > 0;
    if (hasChecks) {
        // Only throw if new shape overlaps with existing shape. Use getOwnPropertyDescriptor to check key existence without accessing values
        const existingShape = sourceShape(schema);
        for (const key of Reflect.ownKeys(shape)) {
            if (Object.getOwnPropertyDescriptor(existingShape, key) !== undefined) {
                throw new Error("Cannot overwrite keys on object schemas containing refinements. Use `.safeExtend()` instead.");
            }
        }
    }
    return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
// the source's keys, then the caller's overlaid on top
function extended(schema, shape) {
    const newShape = {};
    mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)));
    mirrorProps(newShape, shape);
    return newShape;
}
function safeExtend(schema, shape) {
    if (!isPlainObject(shape)) {
        throw new Error("Invalid input to safeExtend: expected a plain object");
    }
    return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function merge(a, b) {
    if (!b?._zod?.def) {
        throw new Error("Invalid input to merge: expected an object schema. To merge a plain shape, use `.extend()`.");
    }
    if (a._zod.def.checks?.length) {
        throw new Error(".merge() cannot be used on object schemas containing refinements. Use .safeExtend() instead.");
    }
    const newShape = {};
    mirrorShape(newShape, a, Reflect.ownKeys(sourceShape(a)));
    mirrorShape(newShape, b, Reflect.ownKeys(sourceShape(b)));
    const def = mergeDefs(a._zod.def, {
        shape: newShape,
        get catchall() {
            return b._zod.def.catchall;
        },
        checks: b._zod.def.checks ?? [],
    });
    return clone(a, def);
}
function partial(Class, schema, mask, name = "partial") {
    const currDef = schema._zod.def;
    const checks = currDef.checks;
    const hasChecks = checks && checks.length > 0;
    if (hasChecks) {
        throw new Error(`.${name}() cannot be used on object schemas containing refinements`);
    }
    const selected = mask ? new Set(maskedKeys(schema, mask)) : undefined;
    const newShape = {};
    mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), Class &&
        ((value, key) => (selected && !selected.has(key) ? value : new Class({ type: "optional", innerType: value }))));
    return clone(schema, mergeDefs(schema._zod.def, { shape: newShape, checks: [] }));
}
function required(Class, schema, mask) {
    const selected = mask ? new Set(maskedKeys(schema, mask)) : undefined;
    const newShape = {};
    mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), (value, key) => 
    // overwrite with non-optional
    selected && !selected.has(key) ? value : new Class({ type: "nonoptional", innerType: value }));
    return clone(schema, mergeDefs(schema._zod.def, { shape: newShape }));
}
// invalid_type | too_big | too_small | invalid_format | not_multiple_of | unrecognized_keys | invalid_union | invalid_key | invalid_element | invalid_value | custom
function aborted(x, startIndex = 0) {
    if (x.aborted === true)
        return true;
    for (let i = startIndex; i < x.issues.length; i++) {
        if (x.issues[i]?.continue !== true) {
            return true;
        }
    }
    return false;
}
// Checks for explicit abort (continue === false), as opposed to implicit abort (continue === undefined). Used to respect `abort: true` in .refine() even for checks that have a `when` function.
function explicitlyAborted(x, startIndex = 0) {
    if (x.aborted === true)
        return true;
    for (let i = startIndex; i < x.issues.length; i++) {
        if (x.issues[i]?.continue === false) {
            return true;
        }
    }
    return false;
}
function prefixIssues(path, issues) {
    return issues.map((iss) => {
        var _a;
        (_a = iss).path ?? (_a.path = []);
        iss.path.unshift(path);
        return iss;
    });
}
function unwrapMessage(message) {
    return typeof message === "string" ? message : message?.message;
}
/* A check holds no link back to the schema it is attached to — the same check instance is shared by every clone of that schema — so the owner is stamped onto the issues a check just raised, at the only point where both are in scope. Runs on the failure path only; `start` is the issue count from before the check ran. */
/** The leading size checks of `defChecks` that set an upper bound, each paired with it. */
function sizeCaps(defChecks) {
    const caps = [];
    for (const ch of defChecks ?? []) {
        const d = ch._zod.def;
        // a later check may rewrite the value
        if (!/_(length|size)$|_equals$/.test(d.check))
            break;
        const max = d.maximum ?? d.length ?? d.size;
        if (max >= 0)
            caps.push([max, ch]);
    }
    return caps;
}
function attachSchema(issues, start, inst) {
    var _a;
    for (let i = start; i < issues.length; i++) {
        (_a = issues[i]).schema ?? (_a.schema = inst);
    }
}
function finalizeIssue(iss, ctx, config) {
    var _a;
    // A schema that raised an issue itself owns it outright, and outranks any stamp an enclosing check left in `attachSchema`. String formats and z.custom() are schema and check at once, so when they act as a check they defer to that stamp instead.
    const traits = iss.inst?._zod?.traits;
    if (traits?.has("$ZodType")) {
        if (traits.has("$ZodCheck"))
            (_a = iss).schema ?? (_a.schema = iss.inst);
        else
            iss.schema = iss.inst;
    }
    // Decreasing specificity, first map to return a message wins. `inst` is whatever raised the issue, so a check's own map outranks the owning schema's.
    const schemaError = iss.schema !== iss.inst ? iss.schema?._zod.def?.error : undefined;
    const message = iss.message
        ? iss.message
        : (unwrapMessage(iss.inst?._zod.def?.error?.(iss)) ??
            unwrapMessage(schemaError?.(iss)) ??
            unwrapMessage(ctx?.error?.(iss)) ??
            unwrapMessage(config.customError?.(iss)) ??
            unwrapMessage(config.localeError?.(iss)) ??
            "Invalid input");
    // an explicit own-key copy beats object rest with excluded keys, which v8 routes through a generic runtime call; Object.keys rather than for-in so an issue pushed with a prototype does not leak inherited keys, and an own __proto__ key is dropped rather than assigned through the setter
    const full = {};
    for (const k of Object.keys(iss)) {
        if (k === "inst" || k === "schema" || k === "continue" || k === "input" || k === "__proto__")
            continue;
        full[k] = iss[k];
    }
    full.path ?? (full.path = []);
    full.message = message;
    if (ctx?.reportInput) {
        full.input = iss.input;
    }
    return full;
}
function getSizableOrigin(input) {
    if (input instanceof Set)
        return "set";
    if (input instanceof Map)
        return "map";
    // @ts-ignore
    if (input instanceof File)
        return "file";
    return "unknown";
}
const highSurrogate = /[\uD800-\uDBFF]/;
// Code points in `str`: a surrogate pair counts once, a lone surrogate as itself. Hand-rolled because the string iterator allocates and runs ~250x slower on this path; the regex probe exits ~50x quicker for a string with no astral characters.
function codePointLength(str) {
    const units = str.length;
    if (!highSurrogate.test(str))
        return units;
    let count = units;
    for (let i = 0; i < units - 1; i++) {
        if ((str.charCodeAt(i) & 0xfc00) === 0xd800 && (str.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
            count--;
            i++;
        }
    }
    return count;
}
function getLengthableOrigin(input) {
    if (Array.isArray(input))
        return "array";
    if (typeof input === "string")
        return "string";
    return "unknown";
}
function parsedType(data) {
    const t = typeof data;
    switch (t) {
        case "number": {
            return Number.isNaN(data) ? "nan" : "number";
        }
        case "object": {
            if (data === null) {
                return "null";
            }
            if (Array.isArray(data)) {
                return "array";
            }
            const obj = data;
            if (obj && Object.getPrototypeOf(obj) !== Object.prototype && "constructor" in obj && obj.constructor) {
                return obj.constructor.name;
            }
        }
    }
    return t;
}
function issue(...args) {
    const [iss, input, inst] = args;
    if (typeof iss === "string") {
        return {
            message: iss,
            code: "custom",
            input,
            inst,
        };
    }
    return { ...iss };
}
function cleanEnum(obj) {
    return Object.entries(obj)
        .filter(([k, _]) => {
        // return true if NaN, meaning it's not a number, thus a string key
        return Number.isNaN(Number.parseInt(k, 10));
    })
        .map((el) => el[1]);
}
// Codec utility functions
function base64ToUint8Array(base64) {
    const binaryString = atob(base64);
    const bytes = new Uint8Array(binaryString.length);
    for (let i = 0; i < binaryString.length; i++) {
        bytes[i] = binaryString.charCodeAt(i);
    }
    return bytes;
}
function uint8ArrayToBase64(bytes) {
    let binaryString = "";
    for (let i = 0; i < bytes.length; i++) {
        binaryString += String.fromCharCode(bytes[i]);
    }
    return btoa(binaryString);
}
function base64urlToUint8Array(base64url) {
    const base64 = base64url.replace(/-/g, "+").replace(/_/g, "/");
    const padding = "=".repeat((4 - (base64.length % 4)) % 4);
    return base64ToUint8Array(base64 + padding);
}
function uint8ArrayToBase64url(bytes) {
    return uint8ArrayToBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
function hexToUint8Array(hex) {
    const cleanHex = hex.replace(/^0x/, "");
    if (cleanHex.length % 2 !== 0) {
        throw new Error("Invalid hex string length");
    }
    const bytes = new Uint8Array(cleanHex.length / 2);
    for (let i = 0; i < cleanHex.length; i += 2) {
        bytes[i / 2] = Number.parseInt(cleanHex.slice(i, i + 2), 16);
    }
    return bytes;
}
function uint8ArrayToHex(bytes) {
    return Array.from(bytes)
        .map((b) => b.toString(16).padStart(2, "0"))
        .join("");
}
// instanceof
class Class {
    constructor(..._args) { }
}
//////////    PROTOTYPE INSTALLERS     //////////
//
// Members live on the prototype and materialize per instance on first read, which keeps own-property count under the step where V8 stops using inline slots. Changing anything here means re-measuring runtime, memory and bundle size together — see "The three axes" in AGENTS.md.
/**
 * Installs a trait's members on its prototype. Each value builds that member for the instance on first read; the built value shadows the accessor as an own property, so a detached `const { parse } = schema` keeps working.
 *
 * Call this from a `proto` initializer, which runs once per prototype — never per instance.
 */
function members(proto, table) {
    for (const key in table) {
        const desc = Object.getOwnPropertyDescriptor(table, key);
        // a getter installs as written, so it stays live: `description` reads through to the registry on every access. not enumerable: an object literal's is, and a prototype member never was
        if (desc.get)
            Object.defineProperty(proto, key, { ...desc, enumerable: false });
        // a method materializes bound on first read, which is what keeps a detached member working: `const opt = schema.optional; opt()`
        else
            defineBound(proto, key, desc.value);
    }
}
/** Shadows a prototype member with an own value, so a getter that builds from the instance runs once. */
function own(inst, key, value, enumerable = true) {
    Object.defineProperty(inst, key, { configurable: true, writable: true, enumerable, value });
    return value;
}
/** Like {@link own}, for a member that was never an own data property and has to stay out of `Object.keys`. */
function hide(inst, key, value) {
    return own(inst, key, value, false);
}
/** Adds members a table derives from the instance: each builds on first read and shadows as own data, and assignment shadows the same way, as when these were own properties. */
function derived(computes, table) {
    for (const key in computes) {
        const compute = computes[key];
        // an object literal's accessor is configurable and enumerable, and `members` copies the descriptor as written
        Object.defineProperty(table, key, {
            configurable: true,
            enumerable: true,
            get() {
                return own(this, key, compute(this));
            },
            set(value) {
                own(this, key, value);
            },
        });
    }
    return table;
}
function defineBound(proto, key, fn) {
    Object.defineProperty(proto, key, {
        configurable: true,
        get() {
            // vitest's spyOn calls a prototype getter bare to find the function it wraps, so a nullish receiver answers the raw method
            return this == null ? fn : own(this, key, fn.bind(this));
        },
        set(value) {
            own(this, key, value);
        },
    });
}
/** Returns the prototype to install on, or `undefined` if this group is already installed on it. */
function claim(inst, sentinel) {
    const proto = Object.getPrototypeOf(inst);
    // Runs on every construction, so `in` rather than the costlier `hasOwnProperty.call`. Sentinels are keys the group itself defines.
    return sentinel in proto ? undefined : proto;
}
// The internals whose init chain is installing. A second call for the same one is a derived constructor overriding its base, so it must not construct another schema in between or the override is dropped.
let installing;
// Set while a getter is running, so a value that resolved through a recursion break is not memoized. One shared descriptor shadows the key for the duration, which costs no per-key allocation.
let broke = false;
const breaker = {
    configurable: true,
    get() {
        broke = true;
        return undefined;
    },
};
/**
 * Installs a lazily-derived internal on the `_zod` prototype of `inst`'s
 * constructor, computed from the internals object itself and cached there on
 * first read. One accessor per constructor rather than one per instance.
 */
function defineLazyInternal(inst, key, compute) {
    const proto = Object.getPrototypeOf(inst._zod);
    if (key in proto && installing !== inst._zod) {
        // A repeat construction: everything is installed already. Cleared here so the reference is not held past the first construction of every type.
        installing = undefined;
        return;
    }
    installing = inst._zod;
    Object.defineProperty(proto, key, {
        configurable: true,
        get() {
            // Shadowed before computing so a re-entrant read from a recursive schema resolves to undefined instead of running the getter again.
            Object.defineProperty(this, key, breaker);
            const outer = broke;
            broke = false;
            try {
                const value = compute(this);
                // A result that resolved through a recursion break is recomputed once the graph is complete; everything else memoizes, undefined included.
                if (broke)
                    delete this[key];
                else
                    Object.defineProperty(this, key, { configurable: true, writable: true, value });
                broke = broke || outer;
                return value;
            }
            catch (err) {
                // A compute that threw memoizes nothing, so a later read runs it again and fails the same way. The shadow goes with it, since leaving it installed would answer undefined for every later read.
                delete this[key];
                broke = broke || outer;
                throw err;
            }
        },
        set(value) {
            Object.defineProperty(this, key, { configurable: true, writable: true, value });
        },
    });
}
/**
 * Installs `key` on `inst`'s prototype, computed by `make` on first read and cached there as an own
 * data property. One accessor per constructor rather than one per instance, because an own accessor
 * puts every instance after the first into v8 dictionary mode. The key doubles as the sentinel.
 */
function installLazyProp(inst, key, make, enumerable) {
    const proto = claim(inst, key);
    if (!proto)
        return;
    Object.defineProperty(proto, key, {
        configurable: true,
        get() {
            // Shadowed before computing, so a re-entrant read from a self-referential shape resolves to undefined instead of running the getter again. A data property rather than an accessor: an own accessor is the dictionary-mode transition this exists to avoid.
            const desc = { configurable: true, writable: true, enumerable, value: undefined };
            Object.defineProperty(this, key, desc);
            // a compute that throws leaves the shadow behind, so later reads answer undefined instead of re-throwing; `defineLazy` did the same, and `defineLazyInternal`'s delete-on-catch would cost bytes in every bundle for a case only a throwing user getter reaches
            desc.value = make(this);
            Object.defineProperty(this, key, desc);
            return desc.value;
        },
        set(value) {
            Object.defineProperty(this, key, { configurable: true, writable: true, enumerable, value });
        },
    });
}
/** Marks the thunk `_catch` synthesises for a constant catch value. `Function.length` cannot tell that thunk from a user callback — rest and defaulted parameters both report arity 0 — and a user callback reads `ctx.error`, whose issues only finalize correctly against the caller's per-parse error map. Provenance can say what arity cannot. A plain string key rather than `Symbol.for`, whose call at module scope no bundler can prove pure — the same shape that anchored `urlCanParse` into every build. */
const CONSTANT_CATCH = "~constantCatch";
/** Wraps a constant catch value in a thunk tagged with {@link CONSTANT_CATCH}. */
function constantCatch(value) {
    const fn = () => value;
    fn[CONSTANT_CATCH] = true;
    return fn;
}


/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		// no module.id needed
/******/ 		// no module.loaded needed
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId].call(module.exports, module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/async module */
/******/ (() => {
/******/ 	var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
/******/ 	var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
/******/ 	var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
/******/ 	var resolveQueue = (queue) => {
/******/ 		if(queue && queue.d < 1) {
/******/ 			queue.d = 1;
/******/ 			queue.forEach((fn) => (fn.r--));
/******/ 			queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
/******/ 		}
/******/ 	}
/******/ 	var wrapDeps = (deps) => (deps.map((dep) => {
/******/ 		if(dep !== null && typeof dep === "object") {
/******/ 			if(dep[webpackQueues]) return dep;
/******/ 			if(dep.then) {
/******/ 				var queue = [];
/******/ 				queue.d = 0;
/******/ 				dep.then((r) => {
/******/ 					obj[webpackExports] = r;
/******/ 					resolveQueue(queue);
/******/ 				}, (e) => {
/******/ 					obj[webpackError] = e;
/******/ 					resolveQueue(queue);
/******/ 				});
/******/ 				var obj = {};
/******/ 				obj[webpackQueues] = (fn) => (fn(queue));
/******/ 				return obj;
/******/ 			}
/******/ 		}
/******/ 		var ret = {};
/******/ 		ret[webpackQueues] = x => {};
/******/ 		ret[webpackExports] = dep;
/******/ 		return ret;
/******/ 	}));
/******/ 	__nccwpck_require__.a = (module, body, hasAwait) => {
/******/ 		var queue;
/******/ 		hasAwait && ((queue = []).d = -1);
/******/ 		var depQueues = new Set();
/******/ 		var exports = module.exports;
/******/ 		var currentDeps;
/******/ 		var outerResolve;
/******/ 		var reject;
/******/ 		var promise = new Promise((resolve, rej) => {
/******/ 			reject = rej;
/******/ 			outerResolve = resolve;
/******/ 		});
/******/ 		promise[webpackExports] = exports;
/******/ 		promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
/******/ 		module.exports = promise;
/******/ 		body((deps) => {
/******/ 			currentDeps = wrapDeps(deps);
/******/ 			var fn;
/******/ 			var getResult = () => (currentDeps.map((d) => {
/******/ 				if(d[webpackError]) throw d[webpackError];
/******/ 				return d[webpackExports];
/******/ 			}))
/******/ 			var promise = new Promise((resolve) => {
/******/ 				fn = () => (resolve(getResult));
/******/ 				fn.r = 0;
/******/ 				var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
/******/ 				currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
/******/ 			});
/******/ 			return fn.r ? promise : getResult();
/******/ 		}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
/******/ 		queue && queue.d < 0 && (queue.d = 0);
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/compat get default export */
/******/ (() => {
/******/ 	// getDefaultExport function for compatibility with non-harmony modules
/******/ 	__nccwpck_require__.n = (module) => {
/******/ 		var getter = module && module.__esModule ?
/******/ 			() => (module['default']) :
/******/ 			() => (module);
/******/ 		__nccwpck_require__.d(getter, { a: getter });
/******/ 		return getter;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/************************************************************************/
/******/ 
/******/ // startup
/******/ // Load entry module and return exports
/******/ // This entry module used 'module' so it can't be inlined
/******/ var __webpack_exports__ = __nccwpck_require__(581);
/******/ __webpack_exports__ = await __webpack_exports__;
/******/ 
