// The tagged encoding: JavaScript values as JSON, with nothing lost that a check may ask for.
// The suite's other half is conformance/trace/values.py; docs/trace.md lists every kind.
"use strict";

globalThis.portolan ??= {};

{
  const LONGEST_TEXT = 4096;
  const MOST_HASHED = 2 ** 20; // of what is longer, the first and the last half of this many units: 64 MiB would take seconds
  const DEEPEST = 64;
  const MOST_ITEMS = 2000;

  // A hash that tells long strings apart in a trace (cyrb53's mixing; not for security).
  function hashOf(text) {
    let a = 0xdeadbeef;
    let b = 0x41c6ce57;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 2654435761);
      b = Math.imul(b ^ unit, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16);
  }

  const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/;

  function encodeText(text) {
    if (text.length > LONGEST_TEXT) {
      const hashed = text.length > MOST_HASHED ? text.slice(0, MOST_HASHED / 2) + text.slice(-MOST_HASHED / 2) : text;
      return { $: "text", length: text.length, hash: hashOf(hashed), start: encodeText(text.slice(0, 64)) };
    }
    if (loneSurrogate.test(text)) {
      const units = [...Array(text.length).keys()].map((i) => text.charCodeAt(i).toString(16).padStart(4, "0"));
      return { $: "string", utf16: units.join("") };
    }
    return text;
  }

  function encodeNumber(value) {
    const plain = Number.isFinite(value) && !Object.is(value, -0);
    return plain ? value : { $: "number", value: Object.is(value, -0) ? "-0" : String(value) };
  }

  function bytesOf(buffer, offset, length) {
    const view = new Uint8Array(buffer, offset, Math.min(length, LONGEST_TEXT));
    return [...view].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  const encoders = {
    Array: "encodeArray",
    ArrayBuffer: "encodeArrayBuffer",
    Blob: "encodeBlob",
    DOMException: "encodeError",
    Date: "encodeDate",
    Error: "encodeError",
    Map: "encodeMap",
    RegExp: "encodeRegExp",
    Set: "encodeSet",
  };

  class Encoder {
    constructor(portName) {
      this.portName = portName;
      this.paths = new Map();
    }

    encode(value, path, depth) {
      switch (typeof value) {
        case "undefined": return { $: "undefined" };
        case "boolean": return value;
        case "number": return encodeNumber(value);
        case "string": return encodeText(value);
        case "bigint": return { $: "bigint", value: String(value) };
        case "symbol": return { $: "symbol", description: value.description ?? null };
        case "function": return { $: "function", name: encodeText(value.name) };
      }
      return value === null ? null : this.encodeObject(value, path, depth);
    }

    encodeObject(value, path, depth) {
      const port = this.portName?.(value);
      if (port) {
        return { $: "port", port };
      }
      if (this.paths.has(value)) {
        return { $: "ref", to: this.paths.get(value) };
      }
      if (depth > DEEPEST) {
        return { $: "deeper" };
      }
      this.paths.set(value, path);
      const kind = Object.prototype.toString.call(value).slice(8, -1);
      const encoder = Object.hasOwn(encoders, kind) ? encoders[kind] : "encodeInstance";
      return this[encoder](value, path, depth + 1, kind);
    }

    encodeArray(value, path, depth) {
      const items = Array.from({ length: Math.min(value.length, MOST_ITEMS) }, (_, i) =>
        i in value ? this.encode(value[i], `${path}/${i}`, depth) : { $: "hole" });
      return value.length > MOST_ITEMS ? { $: "array", length: value.length, items } : items;
    }

    encodeEntries(value, path, depth) {
      return Object.entries(value).slice(0, MOST_ITEMS)
        .map(([key, item]) => [encodeText(key), this.encode(item, `${path}/${key}`, depth)]);
    }

    encodeObjectLiteral(value, path, depth) {
      const entries = this.encodeEntries(value, path, depth);
      const plain = entries.every(([key]) => typeof key === "string" && key !== "$" && key !== "__proto__");
      return plain ? Object.fromEntries(entries) : { $: "object", entries };
    }

    encodeInstance(value, path, depth, kind) {
      if (value instanceof Error) {
        return this.encodeError(value);
      }
      const prototype = Object.getPrototypeOf(value);
      const literal = prototype === null || Object.getPrototypeOf(prototype) === null;
      if (kind === "Object" && literal) {
        return this.encodeObjectLiteral(value, path, depth);
      }
      if (ArrayBuffer.isView(value)) {
        return { $: "view", kind, bytes: bytesOf(value.buffer, value.byteOffset, value.byteLength) };
      }
      // Something of the browser's own, such as Chromium's runtime.lastError.
      const properties = kind === "Object" ? Object.fromEntries(this.encodeEntries(value, path, depth)) : {};
      return { $: "instance", class: kind, properties };
    }

    encodeError(value) {
      return { $: "error", name: encodeText(String(value.name)), message: encodeText(String(value.message)) };
    }

    encodeDate(value) {
      return { $: "date", value: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString() };
    }

    encodeRegExp(value) {
      return { $: "regexp", source: encodeText(value.source), flags: value.flags };
    }

    encodeMap(value, path, depth) {
      const entries = [...value].slice(0, MOST_ITEMS).map(([key, item], i) =>
        [this.encode(key, `${path}/${i}/key`, depth), this.encode(item, `${path}/${i}`, depth)]);
      return { $: "map", entries };
    }

    encodeSet(value, path, depth) {
      const values = [...value].slice(0, MOST_ITEMS).map((item, i) => this.encode(item, `${path}/${i}`, depth));
      return { $: "set", values };
    }

    encodeArrayBuffer(value) {
      return { $: "arraybuffer", length: value.byteLength, bytes: bytesOf(value, 0, value.byteLength) };
    }

    encodeBlob(value) {
      return { $: "blob", size: value.size, type: value.type };
    }
  }

  function fromHex(hex) {
    return new Uint8Array((hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
  }

  const views = {
    Uint8Array, Int8Array, Uint8ClampedArray, Uint16Array, Int16Array, Uint32Array, Int32Array,
    Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView,
  };

  // One function a kind of value that a step may hold.
  const decoders = {
    undefined: () => undefined,
    number: (tagged) => Number(tagged.value),
    bigint: (tagged) => BigInt(tagged.value),
    string: (tagged) => String.fromCharCode(...(tagged.utf16.match(/..../g) ?? []).map((unit) => parseInt(unit, 16))),
    repeat: (tagged) => tagged.unit.repeat(tagged.times),
    symbol: (tagged) => Symbol(tagged.description ?? undefined),
    function: (tagged) => ("returns" in tagged ? () => tagged.returns : function () {}),
    nested: (tagged) => {
      let value = [];
      for (let i = 1; i < tagged.depth; i++) {
        value = [value];
      }
      return value;
    },
    date: (tagged) => new Date(tagged.value === "invalid" ? NaN : tagged.value),
    regexp: (tagged) => new RegExp(tagged.source, tagged.flags),
    error: (tagged) => Object.assign(new Error(tagged.message), tagged.name === "Error" ? {} : { name: tagged.name }),
    arraybuffer: (tagged) => fromHex(tagged.bytes).buffer,
    view: (tagged) => new views[tagged.kind](fromHex(tagged.bytes).buffer),
    blob: (tagged) => new Blob([new Uint8Array(tagged.size)], { type: tagged.type }),
    // Something that belongs to this context and can never be sent.
    platform: (tagged) => globalThis[tagged.name],
  };

  // An object of a class of this name, which has a method.
  function instanceOf(name) {
    const made = class {
      method() {}
    };
    Object.defineProperty(made, "name", { value: name });
    return new made();
  }

  function getterOf(tagged) {
    return () => {
      if ("throws" in tagged) {
        throw new Error(tagged.throws);
      }
      return tagged.value;
    };
  }

  class Decoder {
    constructor(outside) {
      this.outside = outside;
      this.made = new Map();
    }

    decode(value, path) {
      if (typeof value !== "object" || value === null) {
        return value;
      }
      if (Array.isArray(value)) {
        return this.fill(path, [], (array) => value.forEach((item, i) => this.putItem(array, i, item, path)));
      }
      if (!Object.hasOwn(value, "$")) {
        return this.fill(path, {}, (object) => this.putEntries(object, Object.entries(value), path));
      }
      return this.decodeTagged(value, path);
    }

    fill(path, container, put) {
      this.made.set(path, container);
      put(container);
      return container;
    }

    putItem(array, i, item, path) {
      if (item?.$ === "hole") {
        array.length = i + 1;
      } else {
        array[i] = this.decode(item, `${path}/${i}`);
      }
    }

    putEntries(object, entries, path) {
      for (const [key, item] of entries) {
        if (item?.$ === "getter") {
          Object.defineProperty(object, key, { get: getterOf(item), enumerable: true, configurable: true });
          continue;
        }
        const value = this.decode(item, `${path}/${key}`);
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      }
    }

    decodeTagged(tagged, path) {
      switch (tagged.$) {
        case "ref": return this.made.get(tagged.to);
        case "object": return this.fill(path, {}, (object) => this.putEntries(object, tagged.entries, path));
        case "instance": return this.fill(path, instanceOf(tagged.class), (object) =>
          this.putEntries(object, Object.entries(tagged.properties), path));
        case "map": return this.fill(path, new Map(), (map) => tagged.entries.forEach(([key, item], i) =>
          map.set(this.decode(key, `${path}/${i}/key`), this.decode(item, `${path}/${i}`))));
        case "set": return this.fill(path, new Set(), (set) => tagged.values.forEach((item, i) =>
          set.add(this.decode(item, `${path}/${i}`))));
      }
      const decoder = decoders[tagged.$] ?? this.outside?.[tagged.$];
      if (!decoder) {
        throw new Error(`portolan: no value of kind ${tagged.$}`);
      }
      return decoder(tagged);
    }
  }

  // A value as JSON. portName: gives the name of a Port that the puppet knows, else undefined.
  portolan.encode = (value, portName) => {
    try {
      return new Encoder(portName).encode(value, "", 0);
    } catch (error) {
      return { $: "unreadable", message: String(error) };
    }
  };

  // The value that a step means. outside: decoders of kinds that only the caller knows.
  portolan.decode = (value, outside) => new Decoder(outside).decode(value, "");
}
