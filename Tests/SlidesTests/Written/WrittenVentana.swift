import Foundation
import Imaging
import Records

@testable import Slides

/// A Ventana BIF: a TIFF whose levels are the camera's pictures as they were taken. XML tells which areas were scanned, how many
/// pictures each has, and by how much neighbours overlap; the reader puts them together.
struct WrittenVentana {
    /// Pictures that were taken in one go.
    struct Area {
        /// Of its top left picture's corner, in pixels of level 0.
        var x: Int
        var y: Int
        var columns: Int
        var rows: Int
    }

    var glass: WrittenGlass
    /// Each with its pictures right of the former one's in the file. Without any it is what the scanner exports as TIFF: tiles edge
    /// to edge, and no XML that says how they lie.
    var areas: [Area]
    var tile = 128
    var overlap = (x: 16, y: 12)
    var levels = 3
    var mpp = 1.0

    private var step: (x: Int, y: Int) { (tile - overlap.x, tile - overlap.y) }

    func data() throws -> Data {
        var tiff = WrittenTIFF()
        let label = PixelSize(width: 128, height: 128)
        let iScan = "<iScan Magnification=\"10\" ScanRes=\"\(mpp)\" UnitNumber=\"0\"/>"
        let streams = try WrittenTIFF.tiles(label, side: 128) { glass.picture($0, downsample: 8) }
        tiff.addTiles(
            streams,
            label,
            side: 128,
            [.description: .text("Label_Image"), .xmp: .bytes(Data("<?xml version=\"1.0\"?>\(iScan)".utf8))]
        )
        let raster = areas.isEmpty ? glass : raster
        for level in 0..<levels {
            let size = PixelSize(width: raster.size.width >> level, height: raster.size.height >> level)
            let streams = try WrittenTIFF.tiles(size, side: tile) { raster.picture($0, downsample: 1 << level) }
            var tags: [WrittenTIFF.Tag: WrittenTIFF.Value] = [
                .subfile: .longs([level == 0 ? 0 : 1]),
                .description: .text("level=\(level) mag=\(10 / Double(1 << level)) quality=92"),
            ]
            if level == 0, !areas.isEmpty { tags[.xmp] = .bytes(Data(encodeInfo.utf8)) }
            tiff.addTiles(streams, size, side: tile, tags)
        }
        return tiff.data
    }

    /// The pictures edge to edge, as the levels have them.
    private var raster: WrittenGlass {
        let (columns, rows) = (areas.reduce(0) { $0 + $1.columns }, areas.reduce(0) { max($0, $1.rows) })
        var image = RGBImage(width: columns * tile, height: rows * tile, fill: WrittenGlass.glass)
        var first = 0
        for area in areas {
            for row in 0..<area.rows {
                for column in 0..<area.columns {
                    let place = PixelRect(
                        x: area.x + column * step.x,
                        y: area.y + row * step.y,
                        width: tile,
                        height: tile
                    )
                    image.place(glass.picture(place), x: (first + column) * tile, y: row * tile)
                }
            }
            first += area.columns
        }
        return WrittenGlass(image)
    }

    private var encodeInfo: String {
        var (infos, origins, first) = ("", "", 0)
        let bottom = areas.map { $0.y + ($0.rows - 1) * step.y + tile }.max() ?? 0
        for (index, area) in areas.enumerated() {
            // Counted upwards from below all areas.
            let height = (area.rows - 1) * step.y + tile
            infos += """
                <ImageInfo AOIScanned="1" AOIIndex="\(index)" NumRows="\(area.rows)" NumCols="\(area.columns)" \
                Width="\(tile)" Height="\(tile)" Pos-X="\(area.x)" Pos-Y="\(bottom - area.y - height)">
                \(joints(area))</ImageInfo>

                """
            origins += "<AOI\(index) OriginX=\"\(first * tile)\" OriginY=\"0\"/>"
            first += area.columns
        }
        return """
            <?xml version="1.0"?>
            <EncodeInfo Ver="2"><SlideStitchInfo>\(infos)</SlideStitchInfo><AoiOrigin>\(origins)</AoiOrigin></EncodeInfo>
            """
    }

    /// Pictures are numbered as the stage went: from the bottom row upwards, every other row from right to left.
    private func joints(_ area: Area) -> String {
        func number(_ column: Int, _ row: Int) -> Int {
            let up = area.rows - 1 - row
            return up * area.columns + (up % 2 == 0 ? column : area.columns - 1 - column) + 1
        }
        func joint(_ direction: String, _ one: Int, _ other: Int, _ x: Int, _ y: Int) -> String {
            """
            <TileJointInfo FlagJoined="1" Confidence="98" Direction="\(direction)" Tile1="\(one)" Tile2="\(other)" \
            OverlapX="\(x)" OverlapY="\(y)"/>

            """
        }
        var text = ""
        for row in 0..<area.rows {
            for column in 0..<area.columns {
                let own = number(column, row)
                if column + 1 < area.columns { text += joint("RIGHT", own, number(column + 1, row), overlap.x, 0) }
                if row > 0 { text += joint("UP", own, number(column, row - 1), 0, overlap.y) }
            }
        }
        return text
    }
}
