import Foundation
import Imaging
import Records

@testable import Slides

/// A Hamamatsu NDPI: a TIFF with one JPEG strip for each level and the macro. Restart markers cut a strip into tiles of one row
/// of blocks; a tag says where each begins.
struct WrittenNDPI {
    /// Its sides are multiples of the coarsest level's tiles.
    var glass: WrittenGlass
    var levels = 3
    var tileWidth = 128
    var mpp = 1.0

    func data() throws -> Data {
        var tiff = WrittenTIFF()
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
        return tiff.data
    }

    private func tags(lens: Float) -> [WrittenTIFF.Tag: WrittenTIFF.Value] {
        WrittenTIFF.resolution(mpp: mpp).merging([
            .ndpiFormat: .longs([1]), .ndpiLens: .float(lens), .ndpiX: .signed(0), .ndpiY: .signed(0),
            .ndpiFocalPlane: .signed(0),
        ]) { $1 }
    }
}

/// A Hamamatsu VMS: an index that names the JPEG files of level 0, side by side, and one of the whole slide, the map.
struct WrittenVMS {
    var glass: WrittenGlass
    var columns = 2
    var rows = 2
    var mpp = 1.0

    /// Writes the files of a slide.
    func write(to folder: URL, name: String) throws -> URL {
        let size = glass.size
        let part = PixelSize(width: size.width / columns, height: size.height / rows)
        var index = """
            [Virtual Microscope Specimen]
            NoLayers=1
            NoJpegColumns=\(columns)
            NoJpegRows=\(rows)
            PhysicalWidth=\(Int(Double(size.width) * mpp * 1000))
            PhysicalHeight=\(Int(Double(size.height) * mpp * 1000))
            SourceLens=10
            MapFile=\(name)_map.jpg

            """
        for row in 0..<rows {
            for column in 0..<columns {
                let file = "\(name)-\(column)-\(row).jpg"
                let place = PixelRect(
                    x: column * part.width,
                    y: row * part.height,
                    width: part.width,
                    height: part.height
                )
                try stream(place, downsample: 1).write(to: folder.appending(path: file))
                index += column + row == 0 ? "ImageFile=\(file)\n" : "ImageFile(\(column),\(row))=\(file)\n"
            }
        }
        let map = PixelRect(x: 0, y: 0, width: size.width / 4, height: size.height / 4)
        try stream(map, downsample: 4).write(to: folder.appending(path: "\(name)_map.jpg"))
        let url = folder.appending(path: "\(name).vms")
        try Data(index.utf8).write(to: url)
        return url
    }

    private func stream(_ place: PixelRect, downsample: Int) throws -> Data {
        try JPEGFile.encode(glass.picture(place, downsample: downsample), quality: 92, restartInterval: 8)
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
