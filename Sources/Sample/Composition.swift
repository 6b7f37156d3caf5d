import Records

/// What a specimen is made of. Drawn without a look at the label, and the same for a tumour slide and its normal twin.
struct Composition: Sendable {
    /// Share of the slide that is covered by tissue.
    var coverage: Float
    /// Separate pieces of tissue.
    var pieces: Int
    /// Share of the tissue that is fat.
    var fat: Float
    /// Share of the remaining tissue whose lattice points carry glands.
    var glands: Float
    /// Lymphocytes strewn through the stroma: probability per lattice point.
    var lymphocytes: Float
    /// Lymphoid aggregates.
    var aggregates: Int
    /// Spindle cells of the stroma: probability per lattice point.
    var spindles: Float
    /// Share of the tissue that is solid epithelium, benign nests and tumour together.
    var solid: Float
    /// Factor on every nucleus of the slide.
    var nucleusScale: Float
    /// Factor on the stroma's eosin and on its fibres' width.
    var stromaDensity: Float
    var fibreWidth: Float

    init(_ random: inout CounterRandom) {
        coverage = random.between(0.40, 0.62)
        pieces = 1 + random.index(below: 3)
        fat = random.between(0, 0.26)
        glands = random.between(0.05, 0.6)
        lymphocytes = random.between(0.03, 0.22)
        aggregates = 1 + random.index(below: 4)
        spindles = random.between(0.3, 0.75)
        solid = random.between(0.09, 0.14)
        nucleusScale = random.between(0.95, 1.05)
        stromaDensity = random.between(0.75, 1.1)
        fibreWidth = random.between(0.8, 1.3)
    }
}
