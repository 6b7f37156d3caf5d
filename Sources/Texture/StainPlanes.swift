/// The four planes of a patch in 1/1024 optical density: haematoxylin, eosin, what neither explains, and the mean of
/// red, green and blue.
///
/// Colour deconvolution after Ruifrok and Johnston (2001): haematoxylin (0.65, 0.70, 0.29), eosin (0.07, 0.99, 0.11) and
/// their cross product as the residual; the inverse of that matrix in 1/4096. No stain normalisation: colour statistics
/// want the raw colour, and texture wants the deconvolved planes (Bianconi et al. 2020).
struct StainPlanes {
    let haematoxylin: Plane
    let eosin: Plane
    let residual: Plane
    let opticalDensity: Plane

    init(side: Int) {
        haematoxylin = Plane(side: side)
        eosin = Plane(side: side)
        residual = Plane(side: side)
        opticalDensity = Plane(side: side)
    }

    /// Every value any pixel can take lies in this range; `StainHistogram` counts over it.
    static let range = -3584..<5632

    /// Reads side × side interleaved RGB pixels.
    func unmix(_ pixels: UnsafePointer<UInt8>) {
        let (h, e) = (haematoxylin.base, eosin.base)
        let (s, y) = (residual.base, opticalDensity.base)
        OpticalDensity.table.withUnsafeBufferPointer { table in
            guard let od = table.baseAddress else { return }
            for i in 0..<haematoxylin.area {
                let r = Int32(od[Int(pixels[3 &* i])])
                let g = Int32(od[Int(pixels[3 &* i &+ 1])])
                let b = Int32(od[Int(pixels[3 &* i &+ 2])])
                h[i] = Self.rounded(6071 &* r &- 661 &* g &+ 2089 &* b)
                e[i] = Self.rounded(-4405 &* r &+ 4572 &* g &- 1163 &* b)
                s[i] = Self.rounded(-1360 &* r &- 332 &* g &+ 3849 &* b)
                // 21845 / 65536 is a third to five digits: (r + g + b) / 3, rounded.
                y[i] = Int16(truncatingIfNeeded: ((r &+ g &+ b) &* 21845 &+ 32768) >> 16)
            }
        }
    }

    @inline(__always)
    private static func rounded(_ product: Int32) -> Int16 { Int16(truncatingIfNeeded: (product &+ 2048) >> 12) }
}
