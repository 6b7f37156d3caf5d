import Config
public import Records

extension Slide {
    /// µm per pixel of level 0: what the caller gives, else the slide's property, else OME-XML's PhysicalSize, else the TIFF
    /// resolution per centimetre, per inch only where `acceptInches`. Never from the objective's power, which is a name and no
    /// measure. OME-XML wins over a resolution tag that differs: it is written about this image, where tags are often left at
    /// what a library puts there.
    /// - Throws: `SlideError.mppMissing`; `.mppImplausible` outside 0.05 to 100 µm or where x and y differ by over 2 %.
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

extension SlideScale {
    /// µm per pixel as messages have them: five decimals at most.
    static func short(_ mpp: Double) -> Double { (mpp * 100_000).rounded() / 100_000 }
}
