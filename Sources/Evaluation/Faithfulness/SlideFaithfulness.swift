import Files
import Foundation
public import Messages
public import Records

/// `JOB/faithfulness/MODEL/slides/ID.json`: how a slide's maps hold when its patches leave the bag.
public struct SlideFaithfulness: Codable, Equatable, Sendable {
    public static let currentFormat = "wsi-faithfulness-1"

    public var format = SlideFaithfulness.currentFormat
    public var slide: SlideID
    /// The folds whose models were asked: those that tested the slide.
    public var folds: [Int]
    /// SHA-256 of the prediction file that the maps are of. Of any other this file says nothing.
    public var prediction: String
    public var measured: DeletionMeasurement

    public init(slide: SlideID, folds: [Int], prediction: String, measured: DeletionMeasurement) {
        (self.slide, self.folds, self.prediction, self.measured) = (slide, folds, prediction, measured)
    }

    /// The name of the one map among the others.
    public static let mainMap = "attention"
    /// The name of what chance reaches beside those of maps.
    public static let random = "random"

    /// What is on file about a prediction as it is now; nil where nothing is, where it is of another prediction, or where it cannot be
    /// read: it is made again then.
    /// - Throws: `StorageError` where the prediction cannot be read.
    public static func current(of name: TrainingName, _ slide: SlideID, in layout: JobLayout) throws
        -> SlideFaithfulness?
    {
        let url = layout.faithfulness(of: name, slide)
        guard try RegularFile.exists(url),
            let found = try? CanonicalJSON.read(SlideFaithfulness.self, from: url),
            found.format == currentFormat, found.slide == slide,
            found.prediction == (try Digest.sha256(fileAt: layout.prediction(of: name, slide)))
        else { return nil }
        return found
    }

    /// Whether patches can stand in different orders; else nothing is said of the slide's maps.
    public var hasOrder: Bool { measured.patches > 1 }

    /// How a map stands beside random orders of the same slide.
    public enum Standing: Equatable, Sendable {
        case above
        /// Within the central 95 % of them.
        case within
        case below
    }

    /// nil where there are too few random orders for 95 %, and where there is one patch.
    /// - Parameter map: its name.
    public func standing(_ map: String = mainMap) -> Standing? {
        guard hasOrder, let gain = measured.byPatch.maps[map]?.gain, let random = measured.byPatch.random95
        else { return nil }
        return gain > random.upperBound ? .above : gain < random.lowerBound ? .below : .within
    }

    /// What is said beside the slide's map on its picture, its report and its page; nil where it beats chance, or where that is not known.
    public var doubt: String? {
        guard let standing = standing(), standing != .above, let gain = measured.byPatch.maps[Self.mainMap]?.gain,
            let random = measured.byPatch.random95
        else { return nil }
        let enclosed = "\(Self.words(random.lowerBound)) to \(Self.words(random.upperBound))"
        let how = standing == .below ? "worse" : "no better"
        return "this map does \(how) than chance at pointing to what the model used "
            + "(gain \(Self.words(gain)), random 95 % \(enclosed))"
    }

    /// Beside the map of a slide report: which of its patches suffice; nil where that is not known.
    /// - Parameter map: its name.
    public func sufficiency(_ map: String = mainMap) -> String? {
        guard hasOrder, let enough = measured.sufficient[map] else { return nil }
        let about = measured.hasRunningSums ? "" : "about "
        let (isOne, all) = (enough.patches == 1, measured.patches)
        let patches = isOne ? "the highest patch" : "\(about)the \(enough.patches) highest patches"
        return "\(patches) of \(all) \(isOne ? "suffices" : "suffice") for what was called"
    }

    static func words(_ value: Double) -> String { String(format: "%.3g", value) }
}

extension DeletionMeasurement.Deletion {
    /// The central 95 % of the gains of random orders; nil for fewer than 39, of which no two enclose so much.
    public var random95: ClosedRange<Double>? {
        let tail = Int(0.025 * Double(randomGains.count + 1) + 1e-9)
        guard tail > 0 else { return nil }
        let sorted = randomGains.sorted()
        return sorted[tail - 1]...sorted[sorted.count - tail]
    }

    /// nil without random orders.
    public var meanRandomGain: Double? {
        randomGains.isEmpty ? nil : randomGains.reduce(0, +) / Double(randomGains.count)
    }
}
