import Foundation
import Imaging
import Records

@testable import Slides

/// A classic little-endian TIFF (TIFF 6.0) of directories whose pixels are JPEG streams, with whatever tags a vendor adds.
struct WrittenTIFF {
    enum Tag: UInt16 {
        case subfile = 254
        case width = 256
        case height, bits, compression
        case photometric = 262
        case description = 270
        case stripOffsets = 273
        case samples = 277
        case rowsPerStrip, stripBytes
        case xResolution = 282
        case yResolution, planes
        case resolutionUnit = 296
        case software = 305
        case tileWidth = 322
        case tileHeight, tileOffsets, tileBytes
        case chromaSampling = 530
        case xmp = 700
        case ndpiFormat = 65420
        case ndpiLens, ndpiX, ndpiY, ndpiFocalPlane
        case ndpiMCUStarts = 65426
    }

    enum Value {
        case shorts([UInt16]), longs([UInt32]), signed(Int32), float(Float), text(String), bytes(Data)
        /// Of one strip; beyond 4 GB in an NDPI alone.
        case place(Int)
        /// A whole number, as a fraction.
        case rational(UInt32)

        fileprivate var field: (type: UInt16, count: Int, bytes: Data) {
            switch self {
            case .bytes(let bytes): (1, bytes.count, bytes)
            case .text(let text): (2, text.utf8.count + 1, Data(text.utf8) + [0])
            case .shorts(let values): (3, values.count, values.reduce(into: Data()) { $0 += little($1) })
            case .longs(let values): (4, values.count, values.reduce(into: Data()) { $0 += little($1) })
            case .place(let value): (4, 1, little(UInt32(truncatingIfNeeded: value)))
            case .rational(let value): (5, 1, little(value) + little(UInt32(1)))
            case .signed(let value): (9, 1, little(value))
            case .float(let value): (11, 1, little(value.bitPattern))
            }
        }
    }

    private(set) var data: Data
    private var link = 4
    /// Hamamatsu's own form: offsets of directories have 8 bytes, and the upper halves of all values follow on each directory.
    private let isNDPI: Bool
    /// Where bytes that were appended will lie is further behind by this.
    private let gap: Int

    private static let headBytes = 16

    /// - Parameter gap: bytes that `write` leaves out behind the head; of an NDPI alone.
    init(isNDPI: Bool = false, gap: Int = 0) {
        (self.isNDPI, self.gap) = (isNDPI, gap)
        data = Data("II".utf8) + little(UInt16(42)) + Data(count: isNDPI ? Self.headBytes - 4 : 4)
    }

    /// The streams of a level's tiles, row by row; beyond its edge too. An empty one is left out.
    static func tiles(_ size: PixelSize, side: Int, _ picture: (PixelRect) -> RGBImage) throws -> [Data] {
        try TileGrid(size: size, tileSize: PixelSize(width: side, height: side)).tiles.map {
            try JPEGFile.encode(picture($0), quality: 92)
        }
    }

    mutating func addTiles(_ streams: [Data], _ size: PixelSize, side: Int, _ tags: [Tag: Value] = [:]) {
        let offsets = append(streams)
        let own: [Tag: Value] = [
            .tileWidth: .longs([UInt32(side)]), .tileHeight: .longs([UInt32(side)]), .tileOffsets: .longs(offsets),
            .tileBytes: .longs(streams.map { UInt32($0.count) }),
        ]
        addDirectory(size, own.merging(tags) { $1 })
    }

    mutating func addStrip(_ stream: Data, _ size: PixelSize, _ tags: [Tag: Value]) {
        let place = data.count + gap
        data += stream
        let own: [Tag: Value] = [
            .stripOffsets: .place(place), .stripBytes: .longs([UInt32(stream.count)]),
            .rowsPerStrip: .longs([UInt32(size.height)]),
        ]
        addDirectory(size, own.merging(tags) { $1 })
    }

    /// Writes it with its gap, which takes no room on the disk.
    func write(to url: URL) throws {
        try data.prefix(Self.headBytes).write(to: url)
        let file = try FileHandle(forWritingTo: url)
        try file.seek(toOffset: UInt64(Self.headBytes + gap))
        try file.write(contentsOf: data.dropFirst(Self.headBytes))
        try file.close()
    }

    private mutating func append(_ streams: [Data]) -> [UInt32] {
        streams.map { stream in
            let offset = UInt32(data.count)
            data += stream
            return stream.isEmpty ? 0 : offset
        }
    }

    private mutating func addDirectory(_ size: PixelSize, _ tags: [Tag: Value]) {
        let own: [Tag: Value] = [
            .width: .longs([UInt32(size.width)]), .height: .longs([UInt32(size.height)]), .bits: .shorts([8, 8, 8]),
            .compression: .shorts([7]), .photometric: .shorts([6]), .samples: .shorts([3]), .planes: .shorts([1]),
            .chromaSampling: .shorts([2, 2]),
        ]
        if data.count % 2 == 1 { data.append(0) }
        let fields = own.merging(tags) { $1 }.sorted { $0.key.rawValue < $1.key.rawValue }
        let (start, linkBytes) = (data.count, isNDPI ? 8 : 4)
        var (table, upper, heap) = (little(UInt16(fields.count)), Data(), Data())
        let heapStart = start + gap + 2 + fields.count * 12 + linkBytes + (isNDPI ? fields.count * 4 : 0)
        for (tag, value) in fields {
            let (type, count, bytes) = value.field
            table += little(tag.rawValue) + little(type) + little(UInt32(count))
            var high = 0
            if bytes.count <= 4, !(isNDPI && type == 2) {
                table += bytes + Data(count: 4 - bytes.count)
                if case .place(let place) = value { high = place >> 32 }
            } else {
                table += little(UInt32(truncatingIfNeeded: heapStart + heap.count))
                high = (heapStart + heap.count) >> 32
                heap += bytes + Data(count: bytes.count % 2)
            }
            upper += little(UInt32(high))
        }
        data.replaceSubrange(link..<link + linkBytes, with: little(UInt64(start + gap)).prefix(linkBytes))
        link = start + table.count
        data += table + Data(count: linkBytes) + (isNDPI ? upper : Data()) + heap
    }
}

extension WrittenTIFF {
    /// Pixels for a centimetre that stand for µm per pixel.
    static func resolution(mpp: Double) -> [Tag: Value] {
        let value = UInt32((10_000 / mpp).rounded())
        return [.xResolution: .rational(value), .yResolution: .rational(value), .resolutionUnit: .shorts([3])]
    }
}

extension TileGrid {
    fileprivate var tiles: [PixelRect] { (0..<count).map(rect(of:)) }
}

func little(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
