public import Foundation

/// A zip archive's entries, read from its central directory; nothing is unpacked.
public struct ZipDirectory {
    struct Entry: Equatable {
        var name: String
        /// 0: stored as it is.
        var method: Int
        var size: Int
        /// Of the local header.
        var offset: Int
    }

    let entries: [Entry]
    private let bytes: Reader

    public var names: [String] { entries.map(\.name) }

    /// Nil where the bytes are no complete zip archive. Archives beyond 4 GiB (zip64) are read.
    public init?(_ data: Data) {
        let bytes = Reader(data: data)
        // The end record is 22 bytes and a comment of at most 65 535.
        var end = data.count - 22
        let last = max(0, end - 65_535)
        while end >= last, bytes.integer(end, 4) != 0x0605_4B50 { end -= 1 }
        guard end >= last, var count = bytes.integer(end + 10, 2), var offset = bytes.integer(end + 16, 4) else {
            return nil
        }
        if bytes.integer(end - 20, 4) == 0x0706_4B50 {
            guard let wide = bytes.integer(end - 12, 8), bytes.integer(wide, 4) == 0x0606_4B50,
                let wideCount = bytes.integer(wide + 32, 8), let wideOffset = bytes.integer(wide + 48, 8)
            else { return nil }
            (count, offset) = (wideCount, wideOffset)
        }
        var entries: [Entry] = []
        for _ in 0..<count {
            guard bytes.integer(offset, 4) == 0x0201_4B50, let length = bytes.integer(offset + 28, 2),
                let extra = bytes.integer(offset + 30, 2), let comment = bytes.integer(offset + 32, 2),
                let entry = bytes.entry(offset, nameLength: length, extraLength: extra)
            else { return nil }
            entries.append(entry)
            offset += 46 + length + extra + comment
        }
        self.entries = entries
        self.bytes = bytes
    }

    /// The bytes of an entry that is stored as it is; nil for a compressed one, or one that lies outside the archive.
    func content(of entry: Entry) -> Data? {
        guard entry.method == 0, bytes.integer(entry.offset, 4) == 0x0403_4B50,
            let name = bytes.integer(entry.offset + 26, 2), let extra = bytes.integer(entry.offset + 28, 2)
        else { return nil }
        return bytes.slice(entry.offset + 30 + name + extra, entry.size)
    }
}

/// Little-endian integers at places that may lie outside the data.
private struct Reader {
    let data: Data

    func integer(_ offset: Int, _ width: Int) -> Int? {
        guard let bytes = slice(offset, width) else { return nil }
        let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // Offsets near Int.max would overflow when moved on.
        return value <= UInt64(Int32.max) << 16 ? Int(value) : nil
    }

    func slice(_ offset: Int, _ length: Int) -> Data? {
        guard offset >= 0, length >= 0, length <= data.count, offset <= data.count - length else { return nil }
        let start = data.startIndex + offset
        return data[start..<(start + length)]
    }

    /// The central directory's record at `offset`.
    func entry(_ offset: Int, nameLength: Int, extraLength: Int) -> ZipDirectory.Entry? {
        guard let name = slice(offset + 46, nameLength), let method = integer(offset + 10, 2),
            let packed = integer(offset + 20, 4), var size = integer(offset + 24, 4),
            var place = integer(offset + 42, 4)
        else { return nil }
        // Numbers of 0xFFFFFFFF stand in the zip64 field instead, in this order.
        if let field = wideField(offset + 46 + nameLength, extraLength) {
            var next = field
            let full = 0xFFFF_FFFF
            if size == full {
                guard let wide = integer(next, 8) else { return nil }
                (size, next) = (wide, next + 8)
            }
            if packed == full { next += 8 }
            if place == full {
                guard let wide = integer(next, 8) else { return nil }
                place = wide
            }
        }
        return ZipDirectory.Entry(
            name: String(decoding: name, as: UTF8.self),
            method: method,
            size: size,
            offset: place
        )
    }

    /// Where the data of the zip64 extra field begins.
    private func wideField(_ start: Int, _ length: Int) -> Int? {
        var place = start
        while place + 4 <= start + length {
            guard let id = integer(place, 2), let size = integer(place + 2, 2) else { return nil }
            if id == 1 { return place + 4 }
            place += 4 + size
        }
        return nil
    }
}
