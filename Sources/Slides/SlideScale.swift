import Config
public import Records

/// The resolution tags of a TIFF's first directory, as µm per pixel.
struct TIFFResolution: Equatable {
    var mppX: Double
    var mppY: Double
    var isPerInch: Bool

    /// nil where the file has no resolution, or one without a unit of length.
    init?(_ handle: OpenSlideHandle) throws {
        func number(_ name: String) throws -> Double? { try handle.property(name).flatMap { Double($0) } }
        guard let x = try number("tiff.XResolution"), let y = try number("tiff.YResolution"), x > 0, y > 0 else {
            return nil
        }
        let unit: Double
        switch try handle.property("tiff.ResolutionUnit") {
        case "centimeter": (unit, isPerInch) = (10_000, false)
        case "inch": (unit, isPerInch) = (25_400, true)
        default: return nil
        }
        mppX = unit / x
        mppY = unit / y
    }
}

extension Slide {
    /// µm per pixel of level 0: what the caller gives, else the slide's property, else OME-XML's PhysicalSize, else the TIFF
    /// resolution per centimetre, per inch only where `acceptInches`. Never from the objective's power, which is a name and no
    /// measure. OME-XML wins over a resolution tag that differs: it is written about this image, where tags are often left at
    /// what a library puts there.
    /// - Throws: `SlideError.mppMissing`; `.mppImplausible` outside 0.05 to 20 µm or where x and y differ by over 2 %.
    public func scale(given: SlideScale? = nil, acceptInches: Bool = false) throws -> SlideScale {
        if let given { return try Self.plausible(given.mpp, given.mpp, given.source) }
        if let x = facts.mppX ?? facts.mppY { return try Self.plausible(x, facts.mppY ?? x, .property) }
        if let omePixel { return try Self.plausible(omePixel.mppX, omePixel.mppY, .ome) }
        guard let resolution else { throw SlideError.mppMissing(hint: nil) }
        guard !resolution.isPerInch || acceptInches else {
            throw SlideError.mppMissing(
                hint:
                    "its TIFF resolution per inch means \((resolution.mppX * 1000).rounded() / 1000) µm, --mpp-from-tiff would accept that"
            )
        }
        return try Self.plausible(
            resolution.mppX,
            resolution.mppY,
            resolution.isPerInch ? .tiffInch : .tiffCentimetre
        )
    }

    /// What the TIFF resolution tags say where OME-XML says another µm per pixel; nil where both agree within 1 %.
    public var overruledTIFFResolution: Double? {
        guard let omePixel, let resolution, !omePixel.isNear(resolution.mppX) else { return nil }
        return resolution.mppX
    }

    private static func plausible(_ x: Double, _ y: Double, _ source: MPPSource) throws -> SlideScale {
        let range = TilingConfig.plausibleMPP
        guard range.contains(x), range.contains(y), abs(x - y) / x <= 0.02 else {
            throw SlideError.mppImplausible(x: x, y: y, source: source)
        }
        return SlideScale(mpp: (x + y) / 2, source: source)
    }
}
