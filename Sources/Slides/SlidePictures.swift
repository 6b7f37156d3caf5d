import Imaging
import Records

/// Pictures for people, drawn on the whole slide. They show where something lies; what lies there, the thumbnail beside them
/// shows in twice the detail. So they are small: of a job of thousands of slides, pictures are most of what is stored.
struct SlidePictures {
    /// Of a thumbnail, in pixels.
    static let longestSide = 1024
    /// Of the pictures that are drawn here.
    static let longestDrawn = 512
    /// JPEG's, 1 to 100, of the thumbnail and of the others.
    static let (quality, drawnQuality) = (70, 60)

    /// What is drawn on: the slide under a veil, so that colours stand out.
    let ground: RGBImage
    let slideSize: PixelSize

    init(thumbnail: RGBImage, slideSize: PixelSize) {
        let longest = max(thumbnail.width, thumbnail.height)
        let side = min(Self.longestDrawn, longest)
        var ground = thumbnail.resized(
            width: max(1, thumbnail.width * side / longest),
            height: max(1, thumbnail.height * side / longest)
        )
        ground.fill(PixelRect(x: 0, y: 0, width: ground.width, height: ground.height), .white, opacity: Self.veil)
        (self.ground, self.slideSize) = (ground, slideSize)
    }

    private static let veil = 90

    /// Tissue outlines in green, holes in blue.
    func contours(_ polygons: [TissuePolygon]) -> RGBImage {
        var picture = ground
        for polygon in polygons {
            for hole in polygon.holes { picture.stroke(ring: hole.map(point), RGB(0, 80, 255), thickness: 2) }
            picture.stroke(ring: polygon.outer.map(point), RGB(0, 170, 0), thickness: 2)
        }
        return picture
    }

    /// Patches as tinted squares, with outlines where they are large enough to have some.
    /// - Parameter side: in level-0 pixels.
    func patches(_ corners: [PixelPoint], side: Int) -> RGBImage {
        var picture = ground
        for corner in corners {
            let rect = rect(of: corner, side: side)
            picture.fill(rect, RGB(30, 100, 255), opacity: 50)
            if rect.width >= 6 { picture.stroke(rect, RGB(30, 60, 200)) }
        }
        return picture
    }

    /// What of a patch lies on the slide, on the ground, at least one pixel large.
    func rect(of corner: PixelPoint, side: Int) -> PixelRect {
        let part = PixelRect(x: corner.x, y: corner.y, width: side, height: side).clipped(to: slideSize)
        let from = point(corner)
        let to = point(PixelPoint(x: part.x + part.width, y: part.y + part.height))
        return PixelRect(x: from.x, y: from.y, width: max(1, to.x - from.x), height: max(1, to.y - from.y))
    }

    /// A level-0 point on the ground.
    private func point(_ point: PixelPoint) -> PixelPoint {
        PixelPoint(x: point.x * ground.width / slideSize.width, y: point.y * ground.height / slideSize.height)
    }
}
