public import Foundation

/// A small TIFF of any form, made of bytes: either byte order, BigTIFF, tiles or strips, planes, 8 or 16 bits, SubIFDs.
public struct MadeTIFF {
    public struct Image {
        public var width: Int
        public var height: Int
        /// Side of the tiles; nil for strips.
        public var tile: Int? = 32
        public var rowsPerStrip = 7
        public var samples = 3
        public var bits = 8
        public var isPlanar = false
        public var photometric = 2
        public var compression = 1
        /// What becomes of the bytes of a tile or strip.
        public var encode: (Data) -> Data = { $0 }
        /// Tiles or strips that the file leaves out.
        public var missing: Set<Int> = []
        /// Tiles or strips whose bytes lie beyond the end of the file.
        public var damaged: Set<Int> = []
        public var description: String?
        /// Further tags, of 16 bits each.
        public var tags: [Int: [Int]] = [:]
        /// Further tags, of bytes.
        public var attached: [Int: [UInt8]] = [:]
        /// Its SubIFDs.
        public var children: [Image] = []
        /// All samples of the pixel at (x, y).
        public var pixel: (Int, Int) -> [Int]

        public init(_ width: Int, _ height: Int, pixel: @escaping (Int, Int) -> [Int]) {
            (self.width, self.height, self.pixel) = (width, height, pixel)
        }
    }

    public var images: [Image]
    public var isLittle = true
    public var isBig = false

    public init(_ images: [Image]) { self.images = images }

    /// Writes the file into a fresh folder, hands its path over and removes the folder.
    @discardableResult
    public func use<Result>(_ name: String = "made.tif", _ body: (String) throws -> Result) throws -> Result {
        let scratch = try Scratch()
        let file = scratch.file(name)
        try data().write(to: file)
        return try withExtendedLifetime(scratch) { try body(file.path) }
    }

    public func data() -> Data {
        var data = Data((isLittle ? "II" : "MM").utf8) + number(isBig ? 43 : 42, 2)
        if isBig { data += number(8, 2) + number(0, 2) }
        var link = data.count
        data += number(0, word)
        for image in images {
            let place = append(image, to: &data)
            data.replaceSubrange(link..<(link + word), with: number(place.start, word))
            link = place.link
        }
        return data
    }

    private var word: Int { isBig ? 8 : 4 }

    private func number(_ value: Int, _ width: Int) -> Data {
        let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return Data(isLittle ? bytes : bytes.reversed())
    }

    private func append(_ image: Image, to data: inout Data) -> (start: Int, link: Int) {
        let children = image.children.map { append($0, to: &data).start }
        let (offsets, counts) = appendParts(of: image, to: &data)
        let (byte, ascii, short, long) = (1, 2, 3, isBig ? 16 : 4)
        var entries: [Int: (type: Int, values: [Int])] = [
            256: (short, [image.width]), 257: (short, [image.height]),
            258: (short, Array(repeating: image.bits, count: image.samples)), 259: (short, [image.compression]),
            262: (short, [image.photometric]), 277: (short, [image.samples]), 284: (short, [image.isPlanar ? 2 : 1]),
        ]
        if let tile = image.tile {
            entries[322] = (short, [tile])
            entries[323] = (short, [tile])
        } else {
            entries[278] = (short, [image.rowsPerStrip])
        }
        entries[image.tile == nil ? 273 : 324] = (long, offsets)
        entries[image.tile == nil ? 279 : 325] = (long, counts)
        if let description = image.description { entries[270] = (ascii, (description.utf8 + [0]).map(Int.init)) }
        for (tag, values) in image.tags { entries[tag] = (short, values) }
        for (tag, values) in image.attached { entries[tag] = (byte, values.map(Int.init)) }
        if !children.isEmpty { entries[330] = (long, children) }
        return append(entries, to: &data)
    }

    private func append(
        _ entries: [Int: (type: Int, values: [Int])],
        to data: inout Data
    ) -> (start: Int, link: Int) {
        let widths = [1: 1, 2: 1, 3: 2, 4: 4, 16: 8]
        if !data.count.isMultiple(of: 2) { data.append(0) }
        let start = data.count
        let head = isBig ? 8 : 2
        let link = start + head + entries.count * (4 + 2 * word)
        var (table, heap) = (number(entries.count, head), Data())
        for (tag, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let values = entry.values.reduce(into: Data()) { $0 += number($1, widths[entry.type] ?? 1) }
            table += number(tag, 2) + number(entry.type, 2) + number(entry.values.count, word)
            if values.count <= word {
                table += values + Data(count: word - values.count)
            } else {
                table += number(link + word + heap.count, word)
                heap += values
            }
        }
        data += table + number(0, word) + heap
        return (start, link)
    }

    private func appendParts(of image: Image, to data: inout Data) -> ([Int], [Int]) {
        var (offsets, counts): ([Int], [Int]) = ([], [])
        let (across, down) = (image.tile ?? image.width, image.tile ?? image.rowsPerStrip)
        for plane in 0..<(image.isPlanar ? image.samples : 1) {
            for top in stride(from: 0, to: image.height, by: down) {
                let bottom = image.tile == nil ? min(image.height, top + down) : top + down
                for left in stride(from: 0, to: image.width, by: across) {
                    guard !image.missing.contains(offsets.count) else {
                        offsets.append(0)
                        counts.append(0)
                        continue
                    }
                    var bytes = Data()
                    for y in top..<bottom {
                        for x in left..<(left + across) {
                            // What lies beyond the edge is no pixel.
                            let inside = x < image.width && y < image.height
                            let all = inside ? image.pixel(x, y) : Array(repeating: 77, count: image.samples)
                            for sample in image.isPlanar ? [all[plane]] : all {
                                bytes += number(sample, image.bits / 8)
                            }
                        }
                    }
                    let stored = image.encode(bytes)
                    offsets.append(image.damaged.contains(offsets.count) ? 0x7000_0000 : data.count)
                    counts.append(stored.count)
                    data += stored
                }
            }
        }
        return (offsets, counts)
    }
}

/// Streams of codecs that hold the bytes as they are.
public enum StoredStream {
    /// Apple's PackBits, in literal runs of 12 bytes, since none may go over the end of a row.
    public static func packBits(_ bytes: Data) -> Data {
        stride(from: 0, to: bytes.count, by: 12).reduce(into: Data()) { stream, start in
            let part = bytes.dropFirst(start).prefix(12)
            stream += [UInt8(part.count - 1)] + part
        }
    }

    /// zlib (RFC 1950) of stored blocks.
    public static func deflate(_ bytes: Data) -> Data {
        var stream = Data([0x78, 0x01])
        for start in stride(from: 0, to: bytes.count, by: 65_535) {
            let part = bytes.dropFirst(start).prefix(65_535)
            let (low, high) = (UInt8(part.count & 255), UInt8(part.count >> 8))
            stream += [start + part.count == bytes.count ? 1 : 0, low, high, ~low, ~high] + part
        }
        var (one, two) = (UInt32(1), UInt32(0))
        for byte in bytes {
            one = (one + UInt32(byte)) % 65_521
            two = (two + one) % 65_521
        }
        return stream + [UInt8(two >> 8), UInt8(two & 255), UInt8(one >> 8), UInt8(one & 255)]
    }

    /// Zstandard (RFC 8878) of raw blocks.
    public static func zstandard(_ bytes: Data) -> Data {
        func little(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(value >> (8 * $0) & 255) } }
        var stream = Data([0x28, 0xB5, 0x2F, 0xFD, 0xA0] + little(bytes.count, 4))
        for start in stride(from: 0, to: bytes.count, by: 65_536) {
            let part = bytes.dropFirst(start).prefix(65_536)
            stream += little(part.count << 3 | (start + part.count == bytes.count ? 1 : 0), 3) + part
        }
        return stream
    }
}
