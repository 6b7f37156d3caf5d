import Foundation
import Imaging
import Records

@testable import Slides

/// A Zeiss CZI without compression: segments of a name and a length each, among them one for each tile, a directory of the tiles,
/// which tells where each lies on the glass, and XML. Tiles overlap; the one with the higher number is in front.
struct WrittenZeiss {
    enum Compression: Int32 {
        case none = 0
        /// Only said, so that a reader refuses it.
        case jpegXR = 4
    }

    var glass: WrittenGlass
    /// In pixels of level 0.
    var scenes: [PixelRect]
    var levels = 3
    var tile = 144
    var overlap = 16
    /// What the file counts its places from, which need not be the slide's corner.
    var origin = PixelPoint(x: -5000, y: 300)
    var mpp = 1.0
    var compression = Compression.none

    func data() -> Data {
        var (data, entries) = (Data(count: 32 + 512), Data())
        let corner = PixelPoint(x: scenes.map(\.x).min() ?? 0, y: scenes.map(\.y).min() ?? 0)
        var size = PixelSize(width: 0, height: 0)
        for scene in scenes {
            size.width = max(size.width, scene.x + scene.width - corner.x)
            size.height = max(size.height, scene.y + scene.height - corner.y)
        }
        var count: Int32 = 0
        for (number, scene) in scenes.enumerated() {
            for level in 0..<levels {
                for (index, part) in parts(scene, level).enumerated() {
                    let entry = entry(part, level, scene: number, index, at: data.count)
                    entries += entry
                    count += 1
                    data += segment("ZISRAWSUBBLOCK", subblock(part, level, entry))
                }
            }
        }
        let directory = data.count
        data += segment("ZISRAWDIRECTORY", little(count) + Data(count: 124) + entries)
        let metadata = data.count
        let xml = Data(xml(size).utf8)
        data += segment("ZISRAWMETADATA", little(Int32(xml.count)) + Data(count: 252) + xml)
        let attachments = data.count
        data += segment("ZISRAWATTDIR", Data(count: 256))
        let identity = Data(repeating: 7, count: 32)
        let header = [1, 0, 0, 0].reduce(into: Data()) { $0 += little(Int32($1)) } + identity + little(Int32(0))
        let places = little(Int64(directory)) + little(Int64(metadata)) + little(Int32(0)) + little(Int64(attachments))
        let whole = header + places
        data.replaceSubrange(0..<544, with: segment("ZISRAWFILE", whole + Data(count: 512 - whole.count)))
        return data
    }

    /// In pixels of level 0.
    private func parts(_ scene: PixelRect, _ level: Int) -> [PixelRect] {
        let (side, step) = (tile << level, (tile - overlap) << level)
        return stride(from: 0, to: scene.height - (overlap << level), by: step).flatMap { y in
            stride(from: 0, to: scene.width - (overlap << level), by: step).map { x in
                PixelRect(
                    x: scene.x + x,
                    y: scene.y + y,
                    width: min(side, scene.width - x),
                    height: min(side, scene.height - y)
                )
            }
        }
    }

    private func segment(_ name: String, _ body: Data) -> Data {
        Data(name.utf8) + Data(count: 16 - name.utf8.count) + little(Int64(body.count)) + little(Int64(body.count))
            + body
    }

    private func entry(_ part: PixelRect, _ level: Int, scene: Int, _ index: Int, at place: Int) -> Data {
        let bgr24: Int32 = 3
        let dimensions: [(String, Int, Int, Int)] = [
            ("X", part.x + origin.x, part.width, part.width >> level),
            ("Y", part.y + origin.y, part.height, part.height >> level),
            ("C", 0, 1, 1), ("S", scene, 1, 1), ("M", index, 1, 1),
        ]
        let head = Data("DV".utf8) + little(bgr24) + little(Int64(place)) + little(Int32(0))
        let kind = little(compression.rawValue) + Data([level == 0 ? 0 : 1]) + Data(count: 5)
        return dimensions.reduce(into: head + kind + little(Int32(dimensions.count))) { entry, dimension in
            entry += Data(dimension.0.utf8) + Data(count: 3) + little(Int32(dimension.1)) + little(Int32(dimension.2))
            entry += little(Float(0).bitPattern) + little(Int32(dimension.3))
        }
    }

    private func subblock(_ part: PixelRect, _ level: Int, _ entry: Data) -> Data {
        let stored = PixelRect(
            x: part.x >> level,
            y: part.y >> level,
            width: part.width >> level,
            height: part.height >> level
        )
        var pixels = glass.picture(stored, downsample: 1 << level).pixels
        for red in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(red, red + 2) }
        let head = little(Int32(0)) + little(Int32(0)) + little(Int64(pixels.count)) + entry
        return head + Data(count: 256 - head.count) + Data(pixels)
    }

    private func xml(_ size: PixelSize) -> String {
        let metres = mpp / 1_000_000
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <ImageDocument><Metadata>
            <Information>
            <Image><SizeX>\(size.width)</SizeX><SizeY>\(size.height)</SizeY><SizeC>1</SizeC><SizeS>\(scenes.count)</SizeS>
            <ObjectiveSettings><ObjectiveRef Id="Objective:1"/></ObjectiveSettings></Image>
            <Instrument><Objectives><Objective Id="Objective:1"><NominalMagnification>10</NominalMagnification></Objective>
            </Objectives></Instrument>
            </Information>
            <Scaling><Items><Distance Id="X"><Value>\(metres)</Value></Distance>
            <Distance Id="Y"><Value>\(metres)</Value></Distance></Items></Scaling>
            </Metadata></ImageDocument>
            """
    }
}
