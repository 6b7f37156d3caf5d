import CJ2K
import CJPEG
import Foundation
import Records

/// The tiles of one level in DICOM, each a frame.
final class DICOMTiles: TileSource {
    let grid: TileGrid

    private let level: DICOMLevel
    private let codec: DICOMTransferSyntax.Codec
    private let components: DICOMPixelForm.Components
    /// Where the codec is JPEG.
    private let jpeg: JPEGTileDecoder?

    /// - Throws: `SlideError.refused`, also where a JPEG's colours contradict each other; `SlideFault`.
    init(_ level: DICOMLevel, _ rules: ReadingRules) throws {
        (self.level, grid, codec) = (level, level.grid, level.parts[0].codec)
        let stated = try level.header.form.components(codec, rules)
        components = try stated == .yCbCr && codec == .jpeg2000 && Self.isTurnedBack(level) ? .rgb : stated
        jpeg = codec == .jpeg ? try Self.decoder(of: level, components, rules) : nil
    }

    private static func decoder(
        of level: DICOMLevel,
        _ components: DICOMPixelForm.Components,
        _ rules: ReadingRules
    ) throws -> JPEGTileDecoder {
        let (tile, colour) = (level.grid.tileSize, try colour(of: level, components, rules))
        guard let decoder = JPEGTileDecoder(tables: nil, colour, width: tile.width, height: tile.height) else {
            throw SlideFault(text: "no decoder for its tiles can be made")
        }
        return decoder
    }

    /// What the first tile that is there says of all; nil where none is there, or it says nothing.
    private static func first<Found>(
        of level: DICOMLevel,
        _ body: (UnsafeBufferPointer<UInt8>) -> Found?
    ) throws -> Found? {
        for tile in 0..<level.grid.count {
            guard let (part, frame) = level.frame(of: tile) else { continue }
            let stream = try level.parts[part].frames.read(frame, limit: largestFrame(level.grid))
            return stream.withUnsafeBytes { body($0.bindMemory(to: UInt8.self)) }
        }
        return nil
    }

    private static func colour(
        of level: DICOMLevel,
        _ components: DICOMPixelForm.Components,
        _ rules: ReadingRules
    ) throws -> cjpeg_components {
        let (stated, usual) =
            switch components {
            case .rgb: (TIFFPhotometric.rgb, CJPEG_RGB)
            case .yCbCr: (TIFFPhotometric.yCbCr, CJPEG_YCBCR)
            case .grey: (TIFFPhotometric.grey, CJPEG_GREY)
            }
        guard let evidence = try first(of: level, { JPEGEvidence(stream: $0, tables: nil) }) else { return usual }
        return try JPEGColour.components(evidence, photometric: stated, rules)
    }

    /// Whether the codec itself turns YCbCr back to RGB, whatever the attribute says.
    private static func isTurnedBack(_ level: DICOMLevel) throws -> Bool {
        try first(of: level) { JPEG2000Stream.hasColourTransform($0) } ?? false
    }

    private static func largestFrame(_ grid: TileGrid) -> Int { 2 * grid.tileBytes + 65_536 }

    /// None where all tiles take the same, so that their bytes tell nothing of what they show.
    var byteCounts: [Int] {
        guard codec != .none else { return [] }
        return (0..<grid.count).map { tile in
            level.frame(of: tile).map { level.parts[$0.part].frames.size(of: $0.frame) } ?? 0
        }
    }

    func isMissing(_ tile: Int) -> Bool { level.frame(of: tile) == nil }

    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let (part, frame) = level.frame(of: tile),
            let stored = try? level.parts[part].frames.read(frame, limit: Self.largestFrame(grid))
        else { return false }
        let (width, height) = (UInt32(grid.tileSize.width), UInt32(grid.tileSize.height))
        return stored.withUnsafeBytes { buffer in
            let bytes = buffer.bindMemory(to: UInt8.self)
            switch codec {
            case .jpeg: return jpeg?.decode(bytes, into: pixels) ?? false
            case .jpeg2000:
                let form =
                    switch components {
                    case .rgb: CJ2K_RGB
                    case .yCbCr: CJ2K_YCBCR
                    case .grey: CJ2K_GREY
                    }
                return cj2k_decode(bytes.baseAddress, bytes.count, form, width, height, pixels) == 0
            case .none:
                return DICOMSamples(level.header.form, components, grid.tileSize).write(bytes, into: pixels)
            case .runLength:
                let count = grid.tileSize.width * grid.tileSize.height
                guard let planes = DICOMRunLength.planes(bytes, count: components == .grey ? 1 : 3, of: count) else {
                    return false
                }
                var form = level.header.form
                form.isPlanar = true
                return planes.withUnsafeBufferPointer {
                    DICOMSamples(form, components, grid.tileSize).write($0, into: pixels)
                }
            }
        }
    }
}
