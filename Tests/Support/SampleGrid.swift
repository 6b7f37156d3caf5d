public import Records

/// A grid of 80 patches in a row, 512 level-0 pixels wide, on a slide whose name has a space and an umlaut.
public func sampleGrid(count: Int, slide: String = "Fall 12-ä") throws -> PatchGrid {
    PatchGrid(
        slide: try SlideID(slide),
        geometry: PatchGeometry(
            patchSize: 256,
            overlap: 0,
            targetMPP: 0.5,
            mpp: 0.499,
            sideLevel0: 512,
            stepLevel0: 512,
            level: 1,
            levelDownsample: 2.0001,
            sideAtLevel: 256
        ),
        scale: SlideScale(mpp: 0.2495, source: .property),
        slideSize: PixelSize(width: 46_000, height: 32_914),
        bounds: PixelRect(x: 10, y: 20, width: 45_000, height: 32_000),
        corners: (0..<count).map { PixelPoint(x: $0 % 80 * 512, y: $0 / 80 * 512) }
    )
}
