import Foundation
import Records
import Testing

@testable import Evaluation
@testable import Messages

/// Twelve patches under two heads of attention and three outputs; the numbers beside them are numpy's, by plain softmax over what is left.
@Suite struct DeletionTests {
    private static let count = 12
    private static let relevance = (0..<count).map { sin(2.1 * Double($0 + 1)) }

    private func bag(_ pooling: RunningSums.Heads = .mean, shift: Double = 0) -> RunningSums {
        var (attention, scores): ([Float], [Float]) = ([], [])
        for head in 0..<2 {
            for patch in 0..<Self.count {
                let logit = 2 * sin(1.3 * Double(patch + 1) + Double(head))
                attention.append(Float(patch < 3 ? logit : logit - shift))
            }
        }
        for output in 0..<3 {
            for patch in 0..<Self.count {
                scores.append(Float(cos(0.7 * Double(patch + 1) + 0.9 * Double(output))))
            }
        }
        return RunningSums(attention: attention, scores: scores, bias: [0.1, -0.2, 0.3], pooling: pooling)
    }

    private func expect(
        _ found: [Double],
        _ wanted: [Double],
        within tolerance: Double = 1e-6,
        _ place: SourceLocation = #_sourceLocation
    ) {
        #expect(
            found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < tolerance },
            "\(found) \(wanted)",
            sourceLocation: place
        )
    }

    private func measure(_ orders: Int = 0, steps: Int = 5) throws -> DeletionMeasure {
        let voice = DeletionMeasure.Voice(bag: bag(), score: Margin(output: 1, weights: [-0.5, 1, -0.5]))
        return DeletionMeasure(try SlideID("s"), voices: [voice], effort: .init(steps: steps, orders: orders))
    }

    @Test func partsOfABagAreTheSoftmaxOverThem() {
        expect(bag().outputs(keeping: Array(0..<12)), [0.1903294019350653, -0.321776999437401, 0.05827500455217549])
        let some = [2, 5, 11]
        expect(bag().outputs(keeping: some), [-0.39364340632039807, -0.004710657490415715, 1.0364310103223608])
        expect(
            bag(.own([0, 1, 1])).outputs(keeping: some),
            [-0.3947406351550924, 0.04344099711071675, 1.0951968784652464]
        )
        expect(
            bag().masking(0).outputs(keeping: some),
            [-0.39254617748570364, 0.04344099711071675, 1.0951968784652464]
        )
        #expect(bag().averaged == 2 && bag().masking(1).averaged == 1 && bag(.own([0, 0, 1])).averaged == 0)
        #expect(abs(bag().map.reduce(0, +) - 1) < 1e-12)
    }

    /// Beside three patches all others weigh nothing, until these are gone.
    @Test func whatHasVanishedBesideOthersCountsWhenTheyAreGone() {
        let rest = Array(3..<12)
        // Logits near 3000 have four digits behind the point.
        expect(bag(shift: 3000).outputs(keeping: rest), bag().outputs(keeping: rest), within: 1e-3)
        let removal = Removal(groups: [[0, 1], [2, 3], rest.dropFirst().map { $0 }])
        expect(bag(shift: 3000).outputs(removal)[2], bag().outputs(keeping: Array(4..<12)), within: 1e-3)
    }

    @Test func gainIsTheAreaBetweenTheTwoOrders() throws {
        for (steps, gain, areas) in [
            (5, 0.1073399407872741, (-0.48264999723321667, -0.37531005644594256)),
            (100, 0.11039976896046289, (-0.47772391597223124, -0.36732414701176835)),
        ] {
            let curves = try #require(measure(steps: steps).byPatch(["m": Self.relevance]).maps["m"])
            expect([curves.gain, curves.most.area, curves.least.area], [gain, areas.0, areas.1])
        }
        let curves = try #require(measure().byPatch(["m": Self.relevance]).maps["m"])
        expect(curves.most.removed, [0, 2 / 12, 5 / 12, 7 / 12, 10 / 12, 11 / 12])
        expect(
            curves.most.scores,
            [
                -0.4460792026810214, -0.4482819396194312, -0.46600154164926705, -0.5904716735202847,
                -0.627711213512372, -0.656820900240756,
            ]
        )
    }

    @Test func regionsLeaveByTheMeanOfTheirValues() throws {
        let regions = [[0, 1, 2], [3, 4], [5, 6, 7, 8], [9, 10, 11]]
        let curves = try #require(measure().byRegion(["m": Self.relevance], regions).maps["m"])
        expect(curves.most.removed, [0, 1 / 3, 7 / 12, 10 / 12])
        expect(
            [curves.gain, curves.most.area, curves.least.area],
            [0.16395766191616107, -0.41859685022696874, -0.2546391883108077]
        )
    }

    @Test func theFewestPatchesAreTheFewest() throws {
        let measure = try measure()
        #expect(measure.descending(Self.relevance) == [0, 3, 6, 9, 11, 8, 5, 2, 1, 4, 7, 10])
        #expect(try measure.fewest(Self.relevance) { $0[0].mostProbable == 0 } == 1)
        #expect(try measure.fewest(Self.relevance) { $0[0].mostProbable == 2 } == 10)
        #expect(try measure.fewest(Self.relevance) { _ in false } == nil)
        // Several models are asked together, also front by front.
        let voices = [bag(), bag(.own([0, 1, 1]))].map {
            DeletionMeasure.Voice(bag: $0, score: Margin(output: 1, weights: [-0.5, 1, -0.5]))
        }
        let both = DeletionMeasure(try SlideID("s"), voices: voices, effort: .init(steps: 5, orders: 0))
        let order = both.descending(Self.relevance)
        let told = try (1...12).first { count in
            try voices.allSatisfy { try $0.bag.outputs(keeping: Array(order.prefix(count))).mostProbable == 2 }
        }
        #expect(try both.fewest(Self.relevance) { $0.count == 2 && $0.allSatisfy { $0.mostProbable == 2 } } == told)
        // A bag that has to be run each time is searched by halves.
        struct Counted: ScoredBag {
            let count = 1000
            func outputs(keeping patches: [Int]) -> [Double] { [Double(patches.count)] }
        }
        #expect(try Counted().fewest(of: Array(0..<1000)) { $0[0] >= 377 } == 377)
    }

    /// A map of the model's own sums is the best there is; one of noise is a random order.
    @Test func randomOrdersAreTheSlidesOwnAndAMapIsToldFromThem() throws {
        let patches = 400
        var random = CounterRandom(seed: 1, "patches")
        let scores = (0..<patches).map { _ in Float(random.uniform(-1, 1)) }
        let noise = (0..<patches).map { _ in random.uniform() }
        let bag = RunningSums(
            attention: Array(repeating: 0, count: patches),
            scores: scores + scores.map { -$0 },
            bias: [0, 0]
        )
        let slide = try SlideID("s")
        let voice = DeletionMeasure.Voice(bag: bag, score: Margin(output: 0, weights: [1, -1]))
        let measure = DeletionMeasure(slide, voices: [voice], effort: .whole)
        let flat = [Double](repeating: 1, count: patches)
        let maps = ["good": scores.map { Double($0) }, "flat": flat, "noise": noise]
        let (told, again) = (try measure.byPatch(maps), try measure.byPatch(maps))
        #expect(told.randomGains.count == 39 && told == again)
        let enclosed = try #require(told.random95)
        #expect(enclosed.lowerBound == told.randomGains.min() && enclosed.upperBound == told.randomGains.max())
        #expect(try #require(told.maps["good"]).gain > 3 * enclosed.upperBound)
        for map in ["flat", "noise"] {
            #expect(abs(try #require(told.maps[map]).gain) < 2 * enclosed.upperBound, "\(map)")
        }
        let other = try SlideID("t")
        #expect(RelevanceOrder.random(slide, 0, count: 9) != RelevanceOrder.random(other, 0, count: 9))
    }

    @Test func aBagIsNeverEmpty() {
        #expect(Removal([0], steps: 100).groups == [[0]] && Removal([0], steps: 100).removed == [0])
        #expect(Removal([1, 0], steps: 100).groups == [[1], [0]])
        for count in [1, 2, 7, 99, 100, 101, 1234] {
            let removal = Removal(Array(0..<count), steps: 100)
            #expect(removal.groups.joined().elementsEqual(0..<count) && removal.groups.count <= 101)
            #expect(removal.groups.allSatisfy { !$0.isEmpty } && removal.kept.last?.isEmpty == false)
            #expect(removal.kept.first?.count == count)
        }
    }

    /// Cancellation can make the answer to a part no number where that to the whole bag is one.
    @Test func aPartWithoutAFiniteAnswerIsRefused() throws {
        struct Overflowing: ScoredBag {
            let count = 8
            func outputs(keeping patches: [Int]) -> [Double] { [patches.count > 4 ? 1 : .nan] }
        }
        let voice = DeletionMeasure.Voice(bag: Overflowing(), score: Margin(output: 0, weights: [1]))
        let measure = DeletionMeasure(try SlideID("s"), voices: [voice], effort: .init(steps: 8, orders: 1))
        let map = ["m": (0..<8).map { Double($0) }]
        #expect(throws: MILError.overflow(slide: "s")) { try measure.byPatch(map) }
        #expect(throws: MILError.overflow(slide: "s")) { try measure.byRegion(map, (0..<8).map { [$0] }) }
    }

    @Test func whatIsFollowedIsWhatIsExplainedAndFallsWithIt() throws {
        let classes = Readout.class(count: 3)
        let margin = classes.followed([1, 4, 1], called: 1, isBelow: false)
        #expect(margin == classes.margins(called: 1)[0] && margin([1, 4, 1]) == 3)
        #expect(
            classes.words(following: margin, among: ["a", "b", "c"]) == "the logit of b less the mean of the others"
        )
        let number = Readout.number(Readout.NumberScale(mean: 5, sd: 2, huber: nil))
        let low = number.followed([-1.5], called: nil, isBelow: false)
        #expect(low([-1.5]) == 1.5 && low == number.margins(called: 0)[0].turned(true))
        #expect(number.words(following: low, among: []) == "less the model's output")
        let risk = Readout.risk(Readout.RiskScale(times: [1]))
        #expect(risk.followed([3], called: nil, isBelow: true)([3]) == -3)
        let labels = Readout.labels([Readout.LabelWeights](repeating: .init(yes: 1, no: 1), count: 3))
        let label = labels.followed([-3, -1, -2], called: nil, isBelow: false)
        #expect(label.output == 1 && label([-3, -1, -2]) == 1)
        let hazards = Readout.hazards(Readout.Hazards(edges: [1, 2, 3], end: 5, alpha: 0.5))
        #expect(hazards.followed([1, 2, 3, 6], called: nil, isBelow: false)([1, 2, 3, 6]) == 3)
        let grades = Readout.ordinal(count: 4).followed([1, 0.5, -0.2], called: 1, isBelow: false)
        #expect(grades == Margin(output: 0, weights: [1, 0, 0]))
    }
}
