import Records

/// What a specimen is made of; drawn without a look at the label.
///
/// What a thumbnail shows (tissue, fat, the stroma's density) is the same for a tumour slide and its normal twin. The kinds of cells
/// differ freely between them, so that a slide's mean over its patches says little about its foci.
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
    /// Large pale cells of the stroma, nearly as large as tumour cells but strewn singly: probability per lattice point.
    var macrophages: Float
    /// Share of the tissue that is solid epithelium, benign nests and tumour together.
    var solid: Float
    /// Factor on every nucleus of the slide.
    var nucleusScale: Float
    /// Factor on the stroma's eosin and on its fibres' width.
    var stromaDensity: Float
    var fibreWidth: Float

    /// - Parameters:
    ///   - random: the twins' common source.
    ///   - own: the slide's own.
    init(_ random: inout CounterRandom, own: inout CounterRandom) {
        coverage = random.between(0.40, 0.62)
        pieces = 1 + random.index(below: 3)
        fat = random.between(0, 0.26)
        nucleusScale = random.between(0.95, 1.05)
        stromaDensity = random.between(0.75, 1.1)
        fibreWidth = random.between(0.8, 1.3)
        glands = own.between(0.05, 0.6)
        lymphocytes = own.between(0.03, 0.25)
        aggregates = 1 + own.index(below: 4)
        spindles = own.between(0.3, 0.75)
        macrophages = own.between(0, 0.2)
        solid = own.between(0.08, 0.16)
    }
}
