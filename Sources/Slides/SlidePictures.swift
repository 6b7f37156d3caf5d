public import Imaging
public import Records

/// Pictures for people, drawn on a thumbnail of the whole slide.
public struct SlidePictures: Sendable {
    public static let longestSide = 1024

    public let thumbnail: RGBImage
    public let slideSize: PixelSize

    public init(thumbnail: RGBImage, slideSize: PixelSize) {
        self.thumbnail = thumbnail
        self.slideSize = slideSize
    }

    /// Tissue outlines in green, holes in blue.
    public func contours(_ polygons: [TissuePolygon]) -> RGBImage {
        var picture = thumbnail
        for polygon in polygons {
            for hole in polygon.holes { picture.stroke(ring: hole.map(point), RGB(0, 80, 255), thickness: 2) }
            picture.stroke(ring: polygon.outer.map(point), RGB(0, 170, 0), thickness: 2)
        }
        return picture
    }

    /// Patches as tinted squares, with outlines where they are large enough to have some.
    /// - Parameter side: in level-0 pixels.
    public func patches(_ corners: [PixelPoint], side: Int) -> RGBImage {
        var picture = thumbnail
        for corner in corners {
            let rect = rect(of: corner, side: side)
            picture.fill(rect, RGB(30, 100, 255), opacity: 50)
            if rect.width >= 6 { picture.stroke(rect, RGB(30, 60, 200)) }
        }
        return picture
    }

    /// What of a patch lies on the slide, on the thumbnail, at least one pixel large.
    func rect(of corner: PixelPoint, side: Int) -> PixelRect {
        let part = PixelRect(x: corner.x, y: corner.y, width: side, height: side).clipped(to: slideSize)
        let from = point(corner)
        let to = point(PixelPoint(x: part.x + part.width, y: part.y + part.height))
        return PixelRect(x: from.x, y: from.y, width: max(1, to.x - from.x), height: max(1, to.y - from.y))
    }

    /// A level-0 point on the thumbnail.
    private func point(_ point: PixelPoint) -> PixelPoint {
        PixelPoint(x: point.x * thumbnail.width / slideSize.width, y: point.y * thumbnail.height / slideSize.height)
    }
}
