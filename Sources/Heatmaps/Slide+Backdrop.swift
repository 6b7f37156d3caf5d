public import Imaging
public import Records
public import Slides
import Storage

extension Slide {
    /// A picture of a part of the slide.
    /// - Parameters:
    ///   - part: in level-0 pixels; inside the slide.
    ///   - downsample: level-0 pixels to one of the picture; it is coarser where more pixels would be read than a worker
    ///     should hold.
    public func backdrop(of part: PixelRect, downsample: Double) throws -> Backdrop {
        func pixels(_ level: Int) -> Double {
            Double(part.width) * Double(part.height) / (levels[level].downsample * levels[level].downsample)
        }
        let level = try trustedLevel { pyramid in
            let wanted = pyramid.coarsestLevel(upTo: max(1, downsample))
            return pyramid.usable.first { $0 >= wanted && pixels($0) <= Self.largestBackdrop }
                ?? max(wanted, pyramid.usable.last ?? 0)
        }
        let step = levels[level].downsample
        let (column, row) = (Int(Double(part.x) / step), Int(Double(part.y) / step))
        let size = levels[level].size
        // Whole pixels of the level, so that their edges are known.
        let width = max(1, min(Int((Double(part.width) / step).rounded(.up)), size.width - column))
        let height = max(1, min(Int((Double(part.height) / step).rounded(.up)), size.height - row))
        let corner = PixelPoint(x: Int((Double(column) * step).rounded()), y: Int((Double(row) * step).rounded()))
        let image = try read(level: level, x: corner.x, y: corner.y, width: width, height: height)
        let shrink = max(1, downsample / step)
        let fitted = image.resized(
            width: max(1, Int((Double(width) / shrink).rounded())),
            height: max(1, Int((Double(height) / shrink).rounded()))
        )
        return Backdrop(
            image: try fitted.checked(),
            grid: PictureGrid(
                x: Double(corner.x),
                y: Double(corner.y),
                downsampleX: step * Double(width) / Double(fitted.width),
                downsampleY: step * Double(height) / Double(fitted.height)
            )
        )
    }

    private static let largestBackdrop = 30e6
}

extension PlanePolygon {
    /// The polygon's frame and a margin around it, as far as the slide goes; nil where nothing of it is on the slide.
    public func frame(margin: Int, in slide: PixelSize) -> PixelRect? {
        guard let left = outer.map(\.x).min(), let right = outer.map(\.x).max(), let top = outer.map(\.y).min(),
            let bottom = outer.map(\.y).max()
        else { return nil }
        func span(_ low: Double, _ high: Double, _ end: Int) -> Range<Int>? {
            let start = Int(min(max(low - Double(margin), 0), Double(end)))
            let stop = Int(min(max((high + Double(margin)).rounded(.up), 0), Double(end)))
            return start < stop ? start..<stop : nil
        }
        guard let columns = span(left, right, slide.width), let rows = span(top, bottom, slide.height) else {
            return nil
        }
        return PixelRect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    }
}
