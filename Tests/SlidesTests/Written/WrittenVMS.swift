import Foundation
import Imaging
import Records

@testable import Slides

/// A Hamamatsu VMS: an index that names the JPEG files of level 0, side by side, one of the whole slide, the map, a macro, and a
/// file of offsets that saves a search for restart markers.
struct WrittenVMS {
    var glass: WrittenGlass
    var columns = 2
    var rows = 2
    var mpp = 1.0

    /// Writes the files of a slide.
    func write(to folder: URL, name: String) throws -> URL {
        let size = glass.size
        let part = PixelSize(width: size.width / columns, height: size.height / rows)
        func add(_ data: Data, _ file: String) throws { try data.write(to: folder.appending(path: file)) }
        var index = """
            [Virtual Microscope Specimen]
            NoLayers=1
            NoJpegColumns=\(columns)
            NoJpegRows=\(rows)
            PhysicalWidth=\(Int(Double(size.width) * mpp * 1000))
            PhysicalHeight=\(Int(Double(size.height) * mpp * 1000))
            SourceLens=10
            MapFile=\(name)_map.jpg
            MacroImage=\(name)_macro.jpg
            OptimisationFile=\(name).opt

            """
        var offsets = Data()
        for row in 0..<rows {
            for column in 0..<columns {
                let file = "\(name)-\(column)-\(row).jpg"
                let place = PixelRect(
                    x: column * part.width,
                    y: row * part.height,
                    width: part.width,
                    height: part.height
                )
                let stream = try stream(place, downsample: 1)
                try add(stream, file)
                // Of the first tile of each row of tiles.
                let starts = JPEGRestarts.starts(stream)
                for start in stride(from: 0, to: starts.count, by: part.width / Self.tileWidth) {
                    offsets += little(Int64(starts[start])) + Data(count: 32)
                }
                index += column + row == 0 ? "ImageFile=\(file)\n" : "ImageFile(\(column),\(row))=\(file)\n"
            }
        }
        let map = PixelRect(x: 0, y: 0, width: size.width / 4, height: size.height / 4)
        try add(try stream(map, downsample: 4), "\(name)_map.jpg")
        try add(try stream(map, downsample: 4), "\(name)_macro.jpg")
        try add(offsets, "\(name).opt")
        try add(Data(index.utf8), "\(name).vms")
        return folder.appending(path: "\(name).vms")
    }

    private static let tileWidth = 128

    private func stream(_ place: PixelRect, downsample: Int) throws -> Data {
        try JPEGFile.encode(
            glass.picture(place, downsample: downsample),
            quality: 92,
            restartInterval: UInt16(Self.tileWidth / 16)
        )
    }
}

/// A Hamamatsu VMU: an index that names two files of pixels, of level 0 and of the whole slide, the map. Their pixels have 12 bits a
/// colour and lie in columns of equal width, each from its top to its bottom.
struct WrittenVMU {
    var glass: WrittenGlass
    var columnWidth = 128
    var mpp = 1.0

    /// Writes the files of a slide.
    func write(to folder: URL, name: String) throws -> URL {
        let size = glass.size
        let index = """
            [Uncompressed Virtual Microscope Specimen]
            NoLayers=1
            BitsPerPixel=36
            PixelOrder=RGB
            PhysicalWidth=\(Int(Double(size.width) * mpp * 1000))
            PhysicalHeight=\(Int(Double(size.height) * mpp * 1000))
            SourceLens=10
            ImageFile=\(name).ngr
            MapFile=\(name)_map.ngr

            """
        try pixels(downsample: 1).write(to: folder.appending(path: "\(name).ngr"))
        try pixels(downsample: 4).write(to: folder.appending(path: "\(name)_map.ngr"))
        let url = folder.appending(path: "\(name).vmu")
        try Data(index.utf8).write(to: url)
        return url
    }

    private func pixels(downsample: Int) -> Data {
        let size = PixelSize(width: glass.size.width / downsample, height: glass.size.height / downsample)
        let start = 64
        var data = Data("GN".utf8) + little(UInt16(0))
        for number in [size.width, size.height, columnWidth] { data += little(Int32(number)) }
        data += Data(count: 8) + little(Int32(start))
        data += Data(count: start - data.count)
        for x in stride(from: 0, to: size.width, by: columnWidth) {
            let column = PixelRect(x: x, y: 0, width: columnWidth, height: size.height)
            // The lowest four bits are lost when they are read as 8.
            let samples = glass.picture(column, downsample: downsample).pixels.flatMap { [$0 << 4 | 9, $0 >> 4] }
            data += samples
        }
        return data
    }
}
