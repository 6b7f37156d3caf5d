import Files
import Foundation
import Imaging
import Records
import Sample
import TestSupport

@testable import Slides

/// A JPEG tile that is red on its left and blue on its right, with the markers that a test wants.
struct MarkedJPEG {
    enum Sampling: String { case full = "4:4:4", half = "4:2:0" }

    static let side = 256
    static let (red, blue) = (RGB(220, 30, 40), RGB(40, 50, 210))

    var adobe: UInt8?
    var ids: [UInt8] = [1, 2, 3]
    var hasJFIF = false

    /// - Parameter isRGB: what the components of the stream really are.
    func stream(isRGB: Bool, _ sampling: Sampling) throws -> Data {
        let parts = try Self.parts(of: isRGB ? .rgb : sampling == .half ? .yCbCr420 : .yCbCr444)
        let bare = Self.withoutMarkers(parts.stream, ids: ids)
        return Data([0xFF, 0xD8]) + markers + Self.withoutMarkers(parts.tables, ids: ids) + bare + Data([0xFF, 0xD9])
    }

    /// The bytes of the markers between those of the stream's beginning and its tables.
    var markers: Data {
        var bytes = Data()
        if hasJFIF {
            bytes += Data([0xFF, 0xE0, 0, 16]) + Data("JFIF\0".utf8) + Data([1, 1, 0, 0, 1, 0, 1, 0, 0])
        }
        if let adobe { bytes += Data([0xFF, 0xEE, 0, 14]) + Data("Adobe".utf8) + Data([0, 100, 0, 0, 0, 0, adobe]) }
        return bytes
    }

    /// A tile of a slide of those colours, and the tables that a TIFF keeps apart.
    static func parts(of colour: PyramidOptions.Colour) throws -> Parts {
        switch colour {
        case .rgb: try rgb.get()
        case .yCbCr420: try half.get()
        default: try full.get()
        }
    }

    typealias Parts = (tables: Data, stream: Data)

    // Made once: there are many cases of each.
    private static let rgb = Result { try make(.rgb) }
    private static let full = Result { try make(.yCbCr444) }
    private static let half = Result { try make(.yCbCr420) }

    private static func make(_ colour: PyramidOptions.Colour) throws -> Parts {
        let scratch = try Scratch()
        let file = scratch.file("made.tif")
        var image = RGBImage(width: side, height: side, fill: red)
        for y in 0..<side { for x in (side / 2)..<side { image[x, y] = blue } }
        var options = PyramidOptions(levels: 1, quality: 95, description: .none)
        options.colour = colour
        try PyramidWriter.write(Pixels(image: image), to: file, options: options)
        return try withExtendedLifetime(scratch) {
            guard let walk = try TIFFWalk(OpenFile(file)), let directory = walk.directories.first,
                let offsets = directory.tileOffsets, let counts = directory.tileByteCounts,
                let tables = directory.jpegTables, let offset = try walk[offsets, 0], let count = try walk[counts, 0]
            else { throw CocoaError(.fileReadCorruptFile) }
            let data = try Data(contentsOf: file)
            return (
                data.subdata(in: tables.position..<(tables.position + tables.count)),
                data.subdata(in: offset..<(offset + count))
            )
        }
    }

    /// What stands between a stream's beginning and end, less APPn, with other component ids in frame and scan.
    private static func withoutMarkers(_ stream: Data, ids: [UInt8]) -> Data {
        let bytes = [UInt8](stream)
        var (kept, at) = ([UInt8](), 2)
        while at + 4 <= bytes.count, bytes[at] == 0xFF, bytes[at + 1] != 0xD9 {
            let (kind, length) = (bytes[at + 1], Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
            var segment = Array(bytes[at..<(at + 2 + length)])
            if (0xC0...0xC2).contains(kind) { for index in 0..<3 { segment[10 + 3 * index] = ids[index] } }
            if kind == 0xDA { for index in 0..<3 { segment[5 + 2 * index] = ids[index] } }
            if !(0xE0...0xEF).contains(kind) { kept += segment }
            at += 2 + length
            if kind == 0xDA {
                kept += bytes[at..<(bytes.count - 2)]
                break
            }
        }
        return Data(kept)
    }
}

private struct Pixels: PixelSource {
    let image: RGBImage

    var size: PixelSize { PixelSize(width: image.width, height: image.height) }

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        let length = image.width * 3
        _ = pixels.update(fromContentsOf: image.pixels[(rows.lowerBound * length)..<(rows.upperBound * length)])
    }
}
