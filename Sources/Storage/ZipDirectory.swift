import Foundation

/// The names in a zip archive, read from its central directory; nothing is unpacked.
struct ZipDirectory {
    let names: [String]

    /// Nil where the bytes are no complete zip archive. Archives beyond 4 GiB (zip64) are read.
    init?(_ data: Data) {
        let bytes = Reader(data: data)
        // The end record is 22 bytes and a comment of at most 65 535.
        var end = data.count - 22
        let last = max(0, end - 65_535)
        while end >= last, bytes.integer(end, 4) != 0x0605_4B50 { end -= 1 }
        guard end >= last, var entries = bytes.integer(end + 10, 2), var offset = bytes.integer(end + 16, 4) else {
            return nil
        }
        if bytes.integer(end - 20, 4) == 0x0706_4B50 {
            guard let wide = bytes.integer(end - 12, 8), bytes.integer(wide, 4) == 0x0606_4B50,
                let wideEntries = bytes.integer(wide + 32, 8), let wideOffset = bytes.integer(wide + 48, 8)
            else { return nil }
            (entries, offset) = (wideEntries, wideOffset)
        }
        var names: [String] = []
        for _ in 0..<entries {
            guard bytes.integer(offset, 4) == 0x0201_4B50, let length = bytes.integer(offset + 28, 2),
                let extra = bytes.integer(offset + 30, 2), let comment = bytes.integer(offset + 32, 2),
                let name = bytes.text(offset + 46, length)
            else { return nil }
            names.append(name)
            offset += 46 + length + extra + comment
        }
        self.names = names
    }
}

/// Little-endian integers at places that may lie outside the data.
private struct Reader {
    let data: Data

    func integer(_ offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset <= data.count - width else { return nil }
        let start = data.startIndex + offset
        let value = data[start..<(start + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // Offsets near Int.max would overflow when moved on.
        return value <= UInt64(Int32.max) << 16 ? Int(value) : nil
    }

    func text(_ offset: Int, _ length: Int) -> String? {
        guard offset >= 0, offset <= data.count - length else { return nil }
        let start = data.startIndex + offset
        return String(decoding: data[start..<(start + length)], as: UTF8.self)
    }
}
