import Foundation
import Imaging
import Records

@testable import Slides

/// A Hamamatsu NDPI: a TIFF of its own kind with one JPEG strip for each level and the macro. Restart markers cut a strip into tiles of one row
/// of blocks; a tag says where each begins.
struct WrittenNDPI {
    /// Its sides are multiples of the coarsest level's tiles.
    var glass: WrittenGlass
    var levels = 3
    var tileWidth = 128
    var mpp = 1.0
    /// Bytes of nothing before the pixels; the file may have more than 4 GB so, and takes little of the disk.
    var gap = 0

    func write(to url: URL) throws { try tiff().write(to: url) }

    private func tiff() throws -> WrittenTIFF {
        var tiff = WrittenTIFF(isNDPI: true, gap: gap)
        let size = glass.size
        for level in 0..<levels {
            let part = PixelSize(width: size.width >> level, height: size.height >> level)
            let stream = try JPEGFile.encode(
                glass.picture(PixelRect(x: 0, y: 0, width: part.width, height: part.height), downsample: 1 << level),
                quality: 92,
                restartInterval: UInt16(tileWidth / 16)
            )
            var tags = tags(lens: 10)
            tags[.ndpiMCUStarts] = .longs(JPEGRestarts.starts(stream).map { UInt32($0) })
            tiff.addStrip(stream, part, tags)
        }
        let macro = PixelRect(x: 0, y: 0, width: size.width / 8, height: size.height / 8)
        let stream = try JPEGFile.encode(glass.picture(macro, downsample: 8))
        tiff.addStrip(stream, PixelSize(width: macro.width, height: macro.height), tags(lens: -1))
        return tiff
    }

    private func tags(lens: Float) -> [WrittenTIFF.Tag: WrittenTIFF.Value] {
        WrittenTIFF.resolution(mpp: mpp).merging([
            .ndpiFormat: .longs([1]), .ndpiLens: .float(lens), .ndpiX: .signed(0), .ndpiY: .signed(0),
            .ndpiFocalPlane: .signed(0),
        ]) { $1 }
    }
}

enum JPEGRestarts {
    /// Where the blocks after the header and after each restart marker begin in a stream.
    static func starts(_ stream: Data) -> [Int] {
        let bytes = [UInt8](stream)
        var at = 2
        var isHeader = true
        // Segments with their lengths; the start of the scan is the last.
        while isHeader {
            isHeader = bytes[at + 1] != 0xDA
            at += 2 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3])
        }
        let markers = (at..<bytes.count - 1).filter {
            bytes[$0] == 0xFF && (0xD0...0xD7).contains(bytes[$0 + 1])
        }
        return [at] + markers.map { $0 + 2 }
    }
}
