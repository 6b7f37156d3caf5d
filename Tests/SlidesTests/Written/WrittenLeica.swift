import Foundation
import Records

/// A Leica SCN: a TIFF whose ImageDescription is XML that places images on a collection, the glass, in nm. Each image has a
/// directory for each of its levels and focal planes; the one that is the whole collection is the macro.
struct WrittenLeica {
    /// What each focal plane shows, from z = 0.
    var planes: [WrittenGlass]
    /// In pixels of level 0.
    var scenes: [PixelRect]
    /// Those of the scenes, from 0, that were not taken in transmitted light.
    var fluorescent: Set<Int> = []
    var levels = 3
    var mpp = 1.0

    func data() throws -> Data {
        var (tiff, images, directory) = (WrittenTIFF(), "", 0)
        let (glass, size) = (planes[0], planes[0].size)
        let macro = PixelSize(width: size.width / 16, height: size.height / 16)
        var pictures: [(streams: [Data], PixelSize)] = [
            (try WrittenTIFF.tiles(macro, side: 128) { glass.picture($0, downsample: 16) }, macro)
        ]
        images += image(PixelRect(x: 0, y: 0, width: size.width, height: size.height), [dimension(macro, 0, nil, 0)])
        for (number, scene) in scenes.enumerated() {
            var dimensions: [String] = []
            for (z, plane) in planes.enumerated() {
                for level in 0..<levels {
                    let factor = 1 << level
                    let part = PixelSize(width: scene.width / factor, height: scene.height / factor)
                    let streams = try WrittenTIFF.tiles(part, side: 128) { tile in
                        var place = tile
                        (place.x, place.y) = (tile.x + scene.x / factor, tile.y + scene.y / factor)
                        return plane.picture(place, downsample: factor)
                    }
                    directory += 1
                    pictures.append((streams, part))
                    dimensions.append(dimension(part, directory, planes.count > 1 ? z : nil, level))
                }
            }
            images += image(scene, dimensions, light: fluorescent.contains(number) ? "fluorescence" : "brightfield")
        }
        for (index, picture) in pictures.enumerated() {
            var tags = WrittenTIFF.resolution(mpp: mpp)
            if index == 0 { tags[.description] = .text(description(images, size)) }
            tiff.addTiles(picture.streams, picture.1, side: 128, tags)
        }
        return tiff.data
    }

    private func nanometres(_ pixels: Int) -> Int { Int((Double(pixels) * mpp * 1000).rounded()) }

    private func dimension(_ size: PixelSize, _ directory: Int, _ z: Int?, _ level: Int) -> String {
        let plane = z.map { " z=\"\($0)\"" } ?? ""
        let sides = "sizeX=\"\(size.width)\" sizeY=\"\(size.height)\""
        return "<dimension \(sides) r=\"\(level)\"\(plane) ifd=\"\(directory)\"/>"
    }

    private func image(_ place: PixelRect, _ dimensions: [String], light: String = "brightfield") -> String {
        """
        <image name="image">
          <creationDate>2010-01-01T00:00:00Z</creationDate>
          <device model="Written" version="1"/>
          <pixels>\(dimensions.joined())</pixels>
          <view sizeX="\(nanometres(place.width))" sizeY="\(nanometres(place.height))" \
        offsetX="\(nanometres(place.x))" offsetY="\(nanometres(place.y))"/>
          <scanSettings>
            <objectiveSettings><objective>10</objective></objectiveSettings>
            <illuminationSettings>
              <numericalAperture>0.3</numericalAperture><illuminationSource>\(light)</illuminationSource>
            </illuminationSettings>
          </scanSettings>
        </image>

        """
    }

    private func description(_ images: String, _ size: PixelSize) -> String {
        """
        <?xml version="1.0"?>
        <scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" uuid="urn:uuid:0">
        <collection name="written" uuid="urn:uuid:1" sizeX="\(nanometres(size.width))" sizeY="\(nanometres(size.height))">
        <barcode>MA==</barcode>
        \(images)</collection>
        </scn>
        """
    }
}
