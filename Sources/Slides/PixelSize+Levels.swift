import Records

/// How the images of one pyramid stand to each other.
extension PixelSize {
    var area: Int { width * height }

    /// Whether it has the proportions of another one, apart from what rounding and a dropped remainder take.
    /// - Precondition: both have pixels.
    func hasProportions(of whole: PixelSize) -> Bool {
        let (across, down) = (Double(whole.width) / Double(width), Double(whole.height) / Double(height))
        return abs(across / down - 1) <= 0.01 + 2 / Double(width) + 2 / Double(height)
    }

    /// Whether it is that of a smaller picture of the same.
    func isReduced(from whole: PixelSize) -> Bool {
        width > 0 && height > 0 && width < whole.width && height < whole.height && hasProportions(of: whole)
    }

    /// Pixels of the whole for one of this level: a mean of both axes, and a whole number where that is the true one.
    /// - Precondition: both have pixels.
    func downsample(from whole: PixelSize) -> Double {
        let ratio = (Double(whole.width) / Double(width) + Double(whole.height) / Double(height)) / 2
        return Pyramid.trueDownsample(ratio, side: max(width, height))
    }
}
