import Foundation
import Records

/// A Philips TIFF: XML in the ImageDescription tells the spacing of each level's pixels. All levels are padded to whole tiles, so
/// that only the spacing tells how they lie over each other; a tile where nothing was scanned is left out.
struct WrittenPhilips {
    /// Its sides are multiples of a tile's.
    var glass: WrittenGlass
    /// Numbers of level 0's tiles, row by row.
    var missing: Set<Int> = []
    var tile = 256
    var levels = 3
    var mpp = 1.0

    func data() throws -> Data {
        var tiff = WrittenTIFF()
        for level in 0..<levels {
            func padded(_ side: Int) -> Int { ((side >> level) + tile - 1) / tile * tile }
            let size = PixelSize(width: padded(glass.size.width), height: padded(glass.size.height))
            var streams = try WrittenTIFF.tiles(size, side: tile) { glass.picture($0, downsample: 1 << level) }
            var tags: [WrittenTIFF.Tag: WrittenTIFF.Value] = [
                .software: .text("Philips DP v1.0"), .subfile: .longs([level == 0 ? 0 : 1]),
            ]
            if level == 0 {
                tags[.description] = .text(description)
                for index in missing { streams[index] = Data() }
            }
            tiff.addTiles(streams, size, side: tile, tags)
        }
        return tiff.data
    }

    private var description: String {
        let representations = (0..<levels).map { level in
            """
            <DataObject ObjectType="PixelDataRepresentation">
            \(attribute("DICOM_PIXEL_SPACING", 0x0028, 0x0030, spacing(level)))
            \(attribute("PIIM_PIXEL_DATA_REPRESENTATION_NUMBER", 0x1001, 0x8002, "\(level)"))
            </DataObject>
            """
        }
        return """
            <?xml version="1.0" encoding="UTF-8" ?>
            <DataObject ObjectType="DPUfsImport">
            \(attribute("DICOM_MANUFACTURER", 0x0008, 0x0070, "PHILIPS"))
            <Attribute Name="PIM_DP_SCANNED_IMAGES" Group="0x301D" Element="0x1003" PMSVR="IDataObjectArray"><Array>
            <DataObject ObjectType="DPScannedImage">
            \(attribute("PIM_DP_IMAGE_TYPE", 0x301D, 0x1004, "WSI"))
            \(attribute("DICOM_PIXEL_SPACING", 0x0028, 0x0030, spacing(0)))
            <Attribute Name="PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE" Group="0x1001" Element="0x8B01" \
            PMSVR="IDataObjectArray"><Array>
            \(representations.joined(separator: "\n"))
            </Array></Attribute>
            </DataObject>
            </Array></Attribute>
            </DataObject>
            """
    }

    /// In mm, of a row and of a column.
    private func spacing(_ level: Int) -> String {
        let millimetres = mpp / 1000 * Double(1 << level)
        return "\"\(millimetres)\" \"\(millimetres)\""
    }

    private func attribute(_ name: String, _ group: Int, _ element: Int, _ value: String) -> String {
        func hex(_ number: Int) -> String {
            let digits = String(number, radix: 16, uppercase: true)
            return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return """
            <Attribute Name="\(name)" Group="\(hex(group))" Element="\(hex(element))" PMSVR="IString">\(value)</Attribute>
            """
    }
}
