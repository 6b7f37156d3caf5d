import Evaluation
import Records

/// How far the readers of a job's slides agree with each other and with the models, and what is to be adjudicated.
public struct AgreementReport: Encodable, Equatable, Sendable {
    public struct Reader: Encodable, Equatable, Sendable {
        public let name: String
        /// With an opinion of theirs.
        public let slides: Int
    }

    /// Between readers, with one opinion of each on each slide.
    public struct Between: Encodable, Equatable, Sendable {
        public enum Opinions: String, Encodable, Sendable {
            case latest
            /// First and blinded.
            case blinded
        }

        public let opinions: Opinions
        /// Cohen's κ of two readers; of more Fleiss' κ, over the slides that all of them read.
        public let all: AgreementComparison
        /// Every two of more than two.
        public let pairs: [AgreementComparison]
    }

    public struct WithModel: Encodable, Equatable, Sendable {
        public let reader: String
        public let model: String
        /// By the reader's first blinded opinions; nil where there are none.
        public let before: AgreementComparison?
        /// By the reader's last opinions with what the model says now in sight; nil where there are none.
        public let after: AgreementComparison?
        /// nil where no slide has both.
        public let change: Change?
    }

    /// What readers made of slides of which they had said something before they saw the result.
    public struct Change: Encodable, Equatable, Sendable {
        public var slides = 0
        public var toModel = 0
        public var fromModel = 0
        /// From one thing that the model does not say to another.
        public var otherwise = 0

        enum CodingKeys: String, CodingKey {
            case slides, otherwise
            case toModel = "to_model"
            case fromModel = "from_model"
        }
    }

    public let slides: Int
    public let cases: Int
    public let readers: [Reader]
    public let between: [Between]
    public let models: [WithModel]
    public let toAdjudicate: [Dispute]
    /// Slides on which opinions differ and that were adjudicated since.
    public let adjudicated: Int
    /// What was left out, and how things were counted.
    public let notes: [String]
    public let resamples: Int
    public let confidence: Double
    public let seed: UInt64

    enum CodingKeys: String, CodingKey {
        case slides, cases, readers, between, models, adjudicated, notes, resamples, confidence, seed
        case toAdjudicate = "to_adjudicate"
    }

    /// - Parameters:
    ///   - said: what was said of one slide in the order in which it was saved.
    ///   - calls: one of each model for a slide.
    init(_ said: [ReaderOpinion], calls: [ModelCall], bootstrap: Bootstrap = Bootstrap(purpose: "agreement")) {
        let opinions = ReaderOpinions(said)
        let (latest, before) = (opinions.latest, opinions.before)
        let known = said.map { ($0.slide, $0.caseID) } + calls.map { ($0.slide, $0.caseID) }
        let caseIDs = Dictionary(known.compactMap { one in one.1.map { (one.0, $0) } }) { first, _ in first }
        let caseOf = { (slide: SlideID) in caseIDs[slide] ?? slide.text }
        let compare = { AgreementComparison($0, $1, caseOf: caseOf, bootstrap) }
        let names = Set(latest.values.flatMap(\.keys)).sorted()
        readers = names.map { name in Reader(name: name, slides: latest.values.count { $0[name] != nil }) }
        between = [Between(.latest, latest, compare), Between(.blinded, before, compare)].compactMap(\.self)
        var counted = [latest, before]
        var outdated: [String: Int] = [:]
        var models: [WithModel] = []
        for model in Set(calls.map(\.model) + said.compactMap { $0.seen?.model }).sorted() {
            let calls = Dictionary(calls.filter { $0.model == model }.map { ($0.slide, $0) }) { first, _ in first }
            let after = opinions.after(calls)
            counted.append(after)
            outdated[model] = opinions.outdated(model, calls)
            models += names.compactMap {
                WithModel(ModelViews($0, model, calls, before: before, after: after), compare)
            }
        }
        self.models = models
        let disputes = Dispute.all(opinions, caseIDs)
        toAdjudicate = disputes.filter { !$0.isAdjudicated }
        adjudicated = disputes.count { $0.isAdjudicated }
        slides = latest.count
        cases = Set(latest.keys.map(caseOf)).count
        notes = AgreementNotes.lines(
            Set(counted.flatMap { $0.values.flatMap(\.values) }),
            latest: latest.values.flatMap(\.values),
            outdated: outdated,
            readers: names.count,
            caseless: latest.keys.count { caseIDs[$0] == nil }
        )
        (resamples, confidence, seed) = (bootstrap.resamples, bootstrap.confidence, bootstrap.seed)
    }
}

/// Compares raters by what each said of each slide.
private typealias Compare = ([String], ModelViews.Views) -> AgreementComparison

extension AgreementReport.Between {
    /// nil for fewer than two readers.
    fileprivate init?(_ opinions: Opinions, _ chosen: ReaderOpinions.Chosen, _ compare: Compare) {
        let views = chosen.mapValues { $0.mapValues(\.standpoint) }
        let names = Set(views.values.flatMap { $0.filter { $0.value.category != nil }.keys }).sorted()
        guard names.count > 1 else { return nil }
        let pairs = names.indices.flatMap { first in names[(first + 1)...].map { [names[first], $0] } }
        self.opinions = opinions
        all = compare(names, views)
        self.pairs = names.count > 2 ? pairs.map { compare($0, views) } : []
    }
}

extension AgreementReport.WithModel {
    /// nil for a reader of none of the model's slides.
    fileprivate init?(_ views: ModelViews, _ compare: Compare) {
        guard !views.before.isEmpty || !views.after.isEmpty else { return nil }
        let raters = [views.reader, views.rater]
        (reader, model, change) = (views.reader, views.model, views.change)
        before = views.before.isEmpty ? nil : compare(raters, views.before)
        after = views.after.isEmpty ? nil : compare(raters, views.after)
    }
}
