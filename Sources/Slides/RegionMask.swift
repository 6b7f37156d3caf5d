import Config
import Imaging
import Records
import Storage

/// A person's regions on the mask of a slide.
struct RegionMask {
    /// One where patches may lie, whatever the tissue.
    private let allowed: BinaryImage

    /// - Parameter regions: in level-0 pixels. Without any, everything is allowed that is not excluded.
    /// - Throws: `SlideError.regions` where regions are given and none covers a pixel of the mask.
    init(_ regions: AnnotatedRegions, over mask: TissueMask) throws {
        let size = mask.size
        func image(_ value: UInt8) -> BinaryImage {
            BinaryImage(
                width: size.width,
                height: size.height,
                bits: Array(repeating: value, count: size.width * size.height)
            )
        }
        var allowed = image(regions.regions.isEmpty ? 1 : 0)
        for polygon in regions.regions { allowed.paint(1, inside: polygon, scale: mask.scale) }
        guard allowed.bits.contains(1) else { throw SlideError.regions("no region lies on the slide") }
        for polygon in regions.exclusions { allowed.paint(0, inside: polygon, scale: mask.scale) }
        self.allowed = allowed
    }

    /// - Returns: the mask inside the regions, and what of its tissue lies outside them.
    func applied(
        to mask: TissueMask,
        _ overview: Overview,
        _ mode: TilingConfig.RegionsMode
    ) -> (mask: TissueMask, cut: BinaryImage) {
        var (image, cut) = (mask.image, mask.image)
        for at in image.bits.indices {
            let isWanted = allowed.bits[at] == 1 && (mode == .restrict || overview.alpha[at] >= 128)
            image.bits[at] = isWanted && (mode == .replace || image.bits[at] == 1) ? 1 : 0
        }
        image.clearDiagonalTouches()
        for at in cut.bits.indices where image.bits[at] == 1 { cut.bits[at] = 0 }
        let reason = mode == .restrict ? "no tissue lies inside the regions" : "the regions leave nothing of the slide"
        return (mask.replacing(image, overview, orEmpty: reason), cut)
    }
}

extension AnnotatedRegions {
    /// "2 of 5 regions lie off the slide", exclusions among them; nil where all have something of it.
    /// - Throws: `SlideError.regions` where all lie off it.
    func noteOfRegions(off slide: PixelSize) throws -> String? {
        func isOff(_ polygon: PlanePolygon) -> Bool {
            let (x, y) = (polygon.outer.map(\.x), polygon.outer.map(\.y))
            guard let left = x.min(), let right = x.max(), let top = y.min(), let bottom = y.max() else { return true }
            return right <= 0 || bottom <= 0 || left >= Double(slide.width) || top >= Double(slide.height)
        }
        let all = regions + exclusions
        let off = all.count(where: isOff)
        guard off == 0 || off < all.count else { throw SlideError.regions("no region lies on the slide") }
        return off > 0 ? "\(off) of \(all.count) regions lie off the slide; look at the file and at --origin" : nil
    }
}
