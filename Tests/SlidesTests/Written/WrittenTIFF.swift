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
        /// A whole number, as a fraction.
        case rational(UInt32)

        fileprivate var field: (type: UInt16, count: Int, bytes: Data) {
            switch self {
            case .bytes(let bytes): (1, bytes.count, bytes)
            case .text(let text): (2, text.utf8.count + 1, Data(text.utf8) + [0])
            case .shorts(let values): (3, values.count, values.reduce(into: Data()) { $0 += little($1) })
            case .longs(let values): (4, values.count, values.reduce(into: Data()) { $0 += little($1) })
            case .rational(let value): (5, 1, little(value) + little(UInt32(1)))
            case .signed(let value): (9, 1, little(value))
            case .float(let value): (11, 1, little(value.bitPattern))
            }
        }
    }

    private(set) var data = Data("II".utf8) + little(UInt16(42)) + little(UInt32(0))
    private var link = 4

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

    /// - Parameter tags: by where the stream begins in the file.
    mutating func addStrip(_ stream: Data, _ size: PixelSize, _ tags: [Tag: Value]) {
        let own: [Tag: Value] = [
            .stripOffsets: .longs(append([stream])), .stripBytes: .longs([UInt32(stream.count)]),
            .rowsPerStrip: .longs([UInt32(size.height)]),
        ]
        addDirectory(size, own.merging(tags) { $1 })
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
        let start = data.count
        var (table, heap) = (little(UInt16(fields.count)), Data())
        let heapStart = start + 2 + fields.count * 12 + 4
        for (tag, value) in fields {
            let (type, count, bytes) = value.field
            table += little(tag.rawValue) + little(type) + little(UInt32(count))
            if bytes.count <= 4 {
                table += bytes + Data(count: 4 - bytes.count)
            } else {
                table += little(UInt32(heapStart + heap.count))
                heap += bytes + Data(count: bytes.count % 2)
            }
        }
        data.replaceSubrange(link..<link + 4, with: little(UInt32(start)))
        link = start + table.count
        data += table + little(UInt32(0)) + heap
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
