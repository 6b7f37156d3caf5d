import Foundation
import Imaging
import Records

@testable import Slides

/// A 3DHISTECH MIRAX: a picture, and a folder with an ini file that says how the slide was scanned, a file of all pixels, and an
/// index of that. The camera's photos overlap; each is cut into images, and four images are reduced to one of the next level. A
/// table tells where each photo lies.
struct WrittenMirax {
    var glass: WrittenGlass
    var columns = 3
    var rows = 2
    /// Of the corner of each photo in level 0, row by row; nil for one that was not taken.
    var photos: [PixelPoint?]
    /// Of an image; a photo has two by two.
    var side = 256
    var overlap = 32
    var levels = 3
    var mpp = 1.0
    /// Where nothing was scanned.
    var fill = RGB(240, 232, 224)

    private static let identity = "00000000000000000000000000000000"
    private static let version = "01.02"

    /// Writes the files of a slide.
    func write(to folder: URL, name: String) throws -> URL {
        let own = folder.appending(path: name)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        var store = Data((Self.version + Self.identity).utf8)
        let preview = try JPEGFile.encode(picture(PixelPoint(x: 0, y: 0), 1024, downsample: 8))
        let records = try (0..<levels).map { level in
            try images(level).map { index, image in
                Record(index: index, Self.append(try JPEGFile.encode(image, quality: 92), to: &store))
            }
        }
        let others = [Self.append(preview, to: &store), Self.append(positions, to: &store)]
        try Data(ini.utf8).write(to: own.appending(path: "Slidedat.ini"))
        try index(records, others).write(to: own.appending(path: "Index.dat"))
        try store.write(to: own.appending(path: "Data0000.dat"))
        let url = folder.appending(path: "\(name).mrxs")
        try preview.write(to: url)
        return url
    }

    private struct Record {
        var index: Int
        var offset: Int
        var count: Int

        init(index: Int, _ place: (offset: Int, count: Int)) {
            (self.index, offset, count) = (index, place.offset, place.count)
        }
    }

    private static func append(_ bytes: Data, to store: inout Data) -> (offset: Int, count: Int) {
        store += bytes
        return (store.count - bytes.count, bytes.count)
    }

    private func picture(_ corner: PixelPoint, _ side: Int, downsample: Int) -> RGBImage {
        let part = PixelRect(
            x: corner.x / downsample,
            y: corner.y / downsample,
            width: side / downsample,
            height: side / downsample
        )
        return glass.picture(part, downsample: downsample)
    }

    /// By the number of the first of the images of level 0 that each one shows, row by row.
    private func images(_ level: Int) -> [(index: Int, image: RGBImage)] {
        let factor = 1 << level
        var images: [(Int, RGBImage)] = []
        for y in stride(from: 0, to: rows * 2, by: factor) {
            for x in stride(from: 0, to: columns * 2, by: factor) {
                var image = RGBImage(width: side, height: side, fill: .white)
                var isEmpty = true
                for row in y..<min(y + factor, rows * 2) {
                    for column in x..<min(x + factor, columns * 2) {
                        guard let photo = photos[row / 2 * columns + column / 2] else { continue }
                        let corner = PixelPoint(x: photo.x + column % 2 * side, y: photo.y + row % 2 * side)
                        let (part, own) = (picture(corner, side, downsample: factor), side / factor)
                        image.place(part, x: (column - x) * own, y: (row - y) * own)
                        isEmpty = false
                    }
                }
                if !isEmpty { images.append((y * columns * 2 + x, image)) }
            }
        }
        return images
    }

    /// A flag and the corner of each photo.
    private var positions: Data {
        photos.reduce(into: Data()) { $0 += [0] + little(Int32($1?.x ?? 0)) + little(Int32($1?.y ?? 0)) }
    }

    /// Two roots, each of a table of lists: the levels' images, and everything else.
    private func index(_ levels: [[Record]], _ others: [(offset: Int, count: Int)]) -> Data {
        var data = Data((Self.version + Self.identity).utf8)
        let roots = data.count
        data += Data(count: 8)
        func point(_ place: Int) { data.replaceSubrange(place..<place + 4, with: little(Int32(data.count))) }
        func table(_ root: Int, _ lists: [Data]) {
            point(root)
            let entries = data.count
            data += Data(count: lists.count * 4)
            for (number, list) in lists.enumerated() {
                point(entries + number * 4)
                data += little(Int32(0)) + little(Int32(data.count + 8)) + list
            }
        }
        table(
            roots,
            levels.map { records in
                let head = little(Int32(records.count)) + little(Int32(0))
                return records.reduce(into: head) {
                    for number in [$1.index, $1.offset, $1.count, 0] { $0 += little(Int32(number)) }
                }
            }
        )
        table(
            roots + 4,
            others.map { other in
                let head = little(Int32(1)) + Data(count: 12)
                return head + little(Int32(other.offset)) + little(Int32(other.count)) + little(Int32(0))
            }
        )
        return data
    }

    private var ini: String {
        let zooms = (0..<levels).map { "HIER_0_VAL_\($0) = ZoomLevel_\($0)\nHIER_0_VAL_\($0)_SECTION = ZOOM_\($0)" }
        let sections = (0..<levels).map { level in
            let factor = Double(1 << level)
            return """
                [ZOOM_\(level)]
                OVERLAP_X = \(Double(overlap) / factor)
                OVERLAP_Y = \(Double(overlap) / factor)
                MICROMETER_PER_PIXEL_X = \(mpp * factor)
                MICROMETER_PER_PIXEL_Y = \(mpp * factor)
                IMAGE_FORMAT = JPEG
                IMAGE_FILL_COLOR_BGR = \(Int(fill.blue) << 16 + Int(fill.green) << 8 + Int(fill.red))
                DIGITIZER_WIDTH = \(side)
                DIGITIZER_HEIGHT = \(side)
                IMAGE_CONCAT_FACTOR = \(level == 0 ? 0 : 1)

                """
        }
        return """
            [GENERAL]
            SLIDE_VERSION = 02.03
            SLIDE_ID = \(Self.identity)
            IMAGENUMBER_X = \(columns * 2)
            IMAGENUMBER_Y = \(rows * 2)
            OBJECTIVE_MAGNIFICATION = 10
            CameraImageDivisionsPerSide = 2

            [HIERARCHICAL]
            HIER_COUNT = 1
            NONHIER_COUNT = 2
            INDEXFILE = Index.dat
            HIER_0_NAME = Slide zoom level
            HIER_0_COUNT = \(levels)
            \(zooms.joined(separator: "\n"))
            NONHIER_0_NAME = Scan data layer
            NONHIER_0_COUNT = 1
            NONHIER_0_VAL_0 = ScanDataLayer_SlideThumbnail
            NONHIER_0_VAL_0_SECTION = NONHIERLAYER_0_SECTION
            NONHIER_1_NAME = VIMSLIDE_POSITION_BUFFER
            NONHIER_1_COUNT = 1
            NONHIER_1_VAL_0 = default

            [NONHIERLAYER_0_SECTION]
            THUMBNAIL_IMAGE_TYPE = JPEG

            [DATAFILE]
            FILE_COUNT = 1
            FILE_0 = Data0000.dat

            \(sections.joined(separator: "\n"))
            """
    }
}
