public import Foundation

/// A small tiled TIFF made of bytes, for what real slides do not show: alpha, damage, units of resolution.
public struct TestTIFF {
    public enum Unit: UInt32 {
        case inch = 2
        case centimetre = 3
    }

    public struct Level {
        public var width: Int
        public var height: Int
        /// All samples of the pixel at (x, y).
        public var pixel: (Int, Int) -> [UInt8]

        public init(width: Int, height: Int, pixel: @escaping (Int, Int) -> [UInt8]) {
            (self.width, self.height, self.pixel) = (width, height, pixel)
        }
    }

    public var levels: [Level]
    /// 1 grey, 3 RGB, 4 RGB with associated alpha.
    public var samples = 3
    public var tile = 64
    public var resolution: (x: UInt32, y: UInt32, unit: Unit)?
    /// ImageDescription of the first directory.
    public var description: String?
    /// Tiles of level 0 whose bytes lie beyond the end of the file. Needs a second level: OpenSlide hashes the last one's
    /// tiles when it opens a file.
    public var damaged: Set<Int> = []
    /// The one tile of level 0 as a JPEG stream.
    public var jpeg: Data?
    /// What tag 262 says of it.
    public var jpegPhotometric: UInt32 = 6
    /// Tag 34675 of the first directory.
    public var iccProfile: Data?

    public init(
        width: Int,
        height: Int,
        pixel: @escaping (Int, Int) -> [UInt8] = { x, y in [UInt8(x & 255), UInt8(y & 255), 90] }
    ) {
        levels = [Level(width: width, height: height, pixel: pixel)]
    }

    /// Writes the file into a fresh folder, hands its path over and removes the folder.
    @discardableResult
    public func use<Result>(_ body: (String) throws -> Result) throws -> Result {
        let scratch = try Scratch()
        let file = scratch.file("made.tif")
        try data().write(to: file)
        return try withExtendedLifetime(scratch) { try body(file.path) }
    }

    public func data() -> Data {
        var data = Data("II".utf8) + Self.little(42, 2) + Self.little(0, 4)
        var linkPosition = 4
        for (index, level) in levels.enumerated() {
            let (offsets, counts) = appendTiles(of: level, isFirst: index == 0, to: &data)
            let directory = directory(of: level, isFirst: index == 0, offsets, counts, at: data.count)
            data.replaceSubrange(linkPosition..<(linkPosition + 4), with: Self.little(UInt32(data.count), 4))
            linkPosition = data.count + directory.link
            data.append(directory.bytes)
        }
        return data
    }

    private func appendTiles(of level: Level, isFirst: Bool, to data: inout Data) -> ([UInt32], [UInt32]) {
        var (offsets, counts): ([UInt32], [UInt32]) = ([], [])
        let side = jpeg == nil ? tile : max(level.width, level.height)
        for top in stride(from: 0, to: level.height, by: side) {
            for left in stride(from: 0, to: level.width, by: side) {
                var bytes = Data()
                if let jpeg {
                    bytes = jpeg
                } else {
                    for y in top..<(top + side) {
                        for x in left..<(left + side) {
                            let inside = x < level.width && y < level.height
                            bytes.append(contentsOf: inside ? level.pixel(x, y) : [UInt8](repeating: 0, count: samples))
                        }
                    }
                }
                let isDamaged = isFirst && damaged.contains(offsets.count)
                offsets.append(isDamaged ? 0x7000_0000 : UInt32(data.count))
                counts.append(UInt32(bytes.count))
                data.append(bytes)
            }
        }
        return (offsets, counts)
    }

    private func directory(
        of level: Level,
        isFirst: Bool,
        _ offsets: [UInt32],
        _ counts: [UInt32],
        at start: Int
    ) -> (bytes: Data, link: Int) {
        let (ascii, short, long, rational, undefined): (UInt32, UInt32, UInt32, UInt32, UInt32) = (2, 3, 4, 5, 7)
        let side = UInt32(jpeg == nil ? tile : max(level.width, level.height))
        var entries: [(tag: UInt32, type: UInt32, values: [UInt32])] = [
            (254, long, [isFirst ? 0 : 1]), (256, long, [UInt32(level.width)]), (257, long, [UInt32(level.height)]),
            (258, short, Array(repeating: 8, count: samples)), (259, short, [jpeg == nil ? 1 : 7]),
            (262, short, [jpeg != nil ? jpegPhotometric : samples == 1 ? 1 : 2]),
        ]
        if isFirst, let description { entries.append((270, ascii, (description.utf8 + [0]).map { UInt32($0) })) }
        entries.append((277, short, [UInt32(samples)]))
        if let resolution {
            entries += [
                (282, rational, [resolution.x, 1]), (283, rational, [resolution.y, 1]),
                (296, short, [resolution.unit.rawValue]),
            ]
        }
        entries += [(322, long, [side]), (323, long, [side]), (324, long, offsets), (325, long, counts)]
        if samples == 4 { entries.append((338, short, [1])) }
        if isFirst, let iccProfile { entries.append((34675, undefined, iccProfile.map { UInt32($0) })) }
        let link = 2 + entries.count * 12
        var table = Self.little(UInt32(entries.count), 2)
        var heap = Data()
        for entry in entries {
            let width = [ascii, undefined].contains(entry.type) ? 1 : entry.type == short ? 2 : 4
            let values = entry.values.reduce(into: Data()) { $0.append(Self.little($1, width)) }
            let count = entry.type == rational ? entry.values.count / 2 : entry.values.count
            table += Self.little(entry.tag, 2) + Self.little(entry.type, 2) + Self.little(UInt32(count), 4)
            if values.count <= 4 {
                table += values + Data(count: 4 - values.count)
            } else {
                table += Self.little(UInt32(start + link + 4 + heap.count), 4)
                heap += values
            }
        }
        return (table + Data(count: 4) + heap, link)
    }

    private static func little(_ value: UInt32, _ width: Int) -> Data {
        Data((0..<width).map { UInt8(value >> (8 * UInt32($0)) & 255) })
    }
}
