/// The memory in which patches of one side are described, about 16 bytes a pixel, kept from patch to patch. One thread at a time.
public final class HETextureWorkspace {
    /// Pixels along one edge of a patch.
    public let side: Int

    private let stains: StainPlanes
    private let haematoxylin: Pyramid
    private let eosin: Pyramid
    private let colour = ColourStatistics()
    private let relations = StainRelations()
    private let patterns: LocalBinaryPatterns
    private let gradients: GradientStatistics
    private let maxima: NucleusMaxima

    /// `side` must be one of `HETexture.sides`.
    public init(side: Int) {
        precondition(HETexture.sides.contains(side), "a patch has a side of 32 to 4096 pixels, not \(side)")
        self.side = side
        stains = StainPlanes(side: side)
        haematoxylin = Pyramid(base: stains.haematoxylin, count: GradientStatistics.levels)
        eosin = Pyramid(base: stains.eosin, count: GradientStatistics.levels)
        patterns = LocalBinaryPatterns(side: side)
        gradients = GradientStatistics(side: side)
        maxima = NucleusMaxima(side: side)
    }

    /// Writes the 256 numbers of one patch (side × side interleaved RGB) into `values`.
    public func describe(_ pixels: UnsafeBufferPointer<UInt8>, into values: UnsafeMutableBufferPointer<Float>) {
        precondition(values.count == HETexture.dimension, "a patch has \(HETexture.dimension) numbers")
        guard pixels.count == 3 * side * side, let bytes = pixels.baseAddress else {
            preconditionFailure("a patch of side \(side) is \(3 * side * side) bytes, not \(pixels.count)")
        }
        stains.unmix(bytes)
        haematoxylin.build()
        eosin.build()

        var row = FeatureRow(values)
        let moments = colour.append(stains, to: &row)
        relations.append(stains, moments: moments, to: &row)
        for pyramid in [haematoxylin, eosin] {
            for plane in pyramid.levels.prefix(LocalBinaryPatterns.levels) { patterns.append(plane, to: &row) }
        }
        let secondOrder = [haematoxylin, eosin].flatMap { gradients.appendFirstOrder($0, to: &row) }
        for value in secondOrder { row.append(value) }
        for (level, plane) in haematoxylin.levels.enumerated() { maxima.append(plane, level: level, to: &row) }
    }
}
