public import Imaging
public import Records

/// Reads that may reach beyond the right and the bottom edge: what lies there is white, whatever the slide's own background.
extension Slide {
    /// - Throws: as `read`; `SlideError.outside` where not even the corner is in the image.
    func readPadded(
        _ place: LevelRect,
        through window: TileWindow?,
        into target: UnsafeMutableBufferPointer<UInt8>
    ) throws {
        guard let part = pyramid.inside(place), part.width < place.width || part.height < place.height else {
            return try read(place, through: window, into: target)
        }
        let pixels = try read(part, through: window).pixels
        target.update(repeating: 255)
        for row in 0..<part.height {
            let line = pixels[(row * part.width * 3)..<((row + 1) * part.width * 3)]
            _ = target[(row * place.width * 3)...].update(fromContentsOf: line)
        }
    }

    func readPadded(_ place: LevelRect, through window: TileWindow?) throws -> RGBImage {
        let (count, overflow) = place.width.multipliedReportingOverflow(by: place.height)
        guard !overflow, (1...Self.largestRead).contains(count) else { throw SlideError.outside("\(place)") }
        let bytes = count * 3
        let pixels = try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, filled in
            try readPadded(place, through: window, into: UnsafeMutableBufferPointer(rebasing: buffer[..<bytes]))
            filled = bytes
        }
        return RGBImage(width: place.width, height: place.height, pixels: pixels)
    }

    /// A patch at full resolution, white where it reaches beyond the edge.
    /// - Parameter side: in level-0 pixels.
    /// - Throws: `SlideError.outside` where its corner is not on the slide, `.corrupt`.
    public func patch(at corner: PixelPoint, side: Int) throws -> RGBImage {
        try readPadded(LevelRect(level: 0, x: corner.x, y: corner.y, width: side, height: side), through: nil)
    }
}
