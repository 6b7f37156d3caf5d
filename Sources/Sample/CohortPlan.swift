import Records

/// What a sample cohort is made from; equal options give equal files.
public struct SampleOptions: Codable, Equatable, Sendable {
    /// Half of them, rounded down, carry tumour.
    public var slides: Int
    /// Width and height of a slide in pixels, about; each differs a little.
    public var side: Int
    public var seed: UInt64

    public init(slides: Int = 32, side: Int = 4000, seed: UInt64 = 7) {
        self.slides = slides
        self.side = side
        self.seed = seed
    }
}

/// What is decided about one slide before it is painted.
struct SlidePlan: Sendable {
    var id: SlideID
    var caseID: String
    var isTumour: Bool
    var size: PixelSize
    var composition: Composition
    var stain: Stain
    /// Foci as a share of the tissue; 0 on a normal slide.
    var tumourShare: Float
    var tumourFoci: Int
}

/// The cohort as matched pairs: every tumour slide has a normal twin of the same stain, size, amount of tissue and amount of fat, so
/// that neither colour nor area tells the classes apart. Tumour takes the place of benign epithelium, not of stroma. The pictures
/// themselves are drawn anew for each slide.
struct CohortPlan: Sendable {
    var slides: [SlidePlan] = []

    static let classes = ["normal", "tumor"]

    init(_ options: SampleOptions) throws {
        guard (2...512).contains(options.slides) else {
            throw SampleError.options("\(options.slides) slides; give 2 to 512")
        }
        guard (2048...32768).contains(options.side) else {
            throw SampleError.options("slides of \(options.side) pixels a side; give 2048 to 32768, foci need the room")
        }
        let order = CounterRandom.order(options.seed, "slides", count: options.slides)
        // Of four twins, the fourth belongs to the third's two cases.
        let caseOfSlide = (0..<options.slides).map { $0 / 2 % 4 == 3 ? $0 - 2 : $0 }
        let cases = Array(Set(caseOfSlide)).sorted()
        let caseNumbers = Dictionary(
            uniqueKeysWithValues: zip(cases, CounterRandom.order(options.seed, "cases", count: cases.count))
        )
        for index in 0..<options.slides {
            let twin = index / 2
            let isTumour = index % 2 == 1
            let caseIndex = caseOfSlide[index]
            var shared = CounterRandom(seed: options.seed, "case", caseIndex / 2)
            var stain = Stain(&shared)
            var pair = CounterRandom(seed: options.seed, "pair", twin)
            var alone = CounterRandom(seed: options.seed, "slide", index)
            let composition = Composition(&pair, own: &alone)
            stain.noise *= pair.between(0.9, 1.1)
            let size = PixelSize(width: Self.side(options.side, &pair), height: Self.side(options.side, &pair))
            slides.append(
                SlidePlan(
                    id: try SlideID("sample_" + Self.number(order[index] + 1)),
                    caseID: "case_" + Self.number(caseNumbers[caseIndex, default: 0] + 1),
                    isTumour: isTumour,
                    size: size,
                    composition: composition,
                    stain: stain,
                    tumourShare: isTumour ? pair.between(0.035, 0.075) : 0,
                    tumourFoci: 1 + pair.index(below: 3)
                )
            )
        }
        slides.sort { $0.id < $1.id }
    }

    /// Within 6 % of the asked side; a multiple of 16, so that every level is an exact sixteenth.
    private static func side(_ side: Int, _ random: inout CounterRandom) -> Int {
        Int(Double(side) * random.uniform(0.94, 1.06)) / 16 * 16
    }

    private static func number(_ value: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}

extension CounterRandom {
    fileprivate static func order(_ seed: UInt64, _ name: String, count: Int) -> [Int] {
        var random = CounterRandom(seed: seed, "order", name)
        return random.permutation(count)
    }
}
