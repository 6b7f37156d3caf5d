import Records

/// What a reader said of a slide, as far as agreement is counted of it.
struct ReaderOpinion: Hashable, Sendable {
    enum Kind: Sendable { case opinion, adjudication }
    enum Verdict: Sendable { case agree, disagree, unsure, read }

    /// What a model said of the slide, as the reader saw it.
    struct Seen: Hashable, Sendable {
        var model: String
        /// nil in lines of before, which do not say which of the model's results it was.
        var digest: String?
        /// The class that the model called.
        var called: String?
        /// The classes that there were to call; empty where nothing says so.
        var classes: [String] = []
    }

    /// What an opinion comes to.
    enum Standpoint: Hashable, Sendable {
        case named(String)
        /// Counts as a category of its own.
        case unsure
        /// Another class than this one of more than two; no class, so it is not counted.
        case otherThan(String)
        /// A verdict on a result that is not known any more.
        case unknown
        /// A verdict on a number, a risk or a set of labels, which are no categories.
        case ofNoClass(String)

        /// nil for what is no category.
        var category: String? {
            switch self {
            case .named(let name): name
            case .unsure: "unsure"
            case .otherThan, .unknown, .ofNoClass: nil
            }
        }

        var words: String {
            switch self {
            case .named, .unsure: category ?? ""
            case .otherThan(let called): "other than \(called)"
            case .unknown: "unknown"
            case .ofNoClass(let words): words
            }
        }
    }

    var reader: String
    var slide: SlideID
    var caseID: String?
    /// As it was written; what came first is told by the order of opinions, not by clocks.
    var time = ""
    var kind = Kind.opinion
    var verdict: Verdict
    var className: String?
    var isBlinded = false
    /// nil where no result was in sight.
    var seen: Seen?

    /// Numbers and risks are no classes, of which the other could be meant. Old lines do not say which classes there were.
    private var isOfClass: Bool {
        guard let seen, let called = seen.called else { return false }
        return seen.classes.isEmpty || seen.classes.contains(called)
    }

    /// A class that the reader named goes before everything, also where they are unsure of it.
    var standpoint: Standpoint {
        if let className, !className.isEmpty { return .named(className) }
        switch verdict {
        case .unsure: return .unsure
        case .read: return .unknown
        case .agree:
            guard let called = seen?.called else { return .unknown }
            return isOfClass ? .named(called) : .ofNoClass(called)
        case .disagree:
            guard let called = seen?.called else { return .unknown }
            guard isOfClass else { return .ofNoClass(Standpoint.otherThan(called).words) }
            let others = Set(seen?.classes ?? []).subtracting([called])
            guard let other = others.first, others.count == 1 else { return .otherThan(called) }
            return .named(other)
        }
    }
}

/// The class that a model calls a slide now.
struct ModelCall: Hashable, Sendable {
    var slide: SlideID
    var caseID: String?
    var model: String
    /// Of the result, as opinions on it hold it.
    var digest: String
    var called: String
}

/// Which opinion of each reader on each slide counts.
struct ReaderOpinions {
    typealias Chosen = [SlideID: [String: ReaderOpinion]]

    /// Everything that was said of a slide, oldest first.
    let bySlide: [SlideID: [ReaderOpinion]]

    /// - Parameter all: those of one slide in the order in which they were saved.
    init(_ all: [ReaderOpinion]) { bySlide = Dictionary(grouping: all, by: \.slide) }

    /// Each reader's last opinion.
    var latest: Chosen { chosen { $0.last { $0.kind == .opinion } } }

    /// Each reader's first blinded opinion, where none that they gave with a result in sight came before it.
    var before: Chosen {
        chosen { said in said.prefix { $0.seen == nil }.first { $0.isBlinded && $0.kind == .opinion } }
    }

    /// Each reader's last opinion with what a model says now in sight.
    func after(_ calls: [SlideID: ModelCall]) -> Chosen {
        chosen { said in
            said.last { $0.kind == .opinion && $0.seen?.digest != nil && $0.isOn(calls[$0.slide]) }
        }
    }

    /// How many readers' opinions on slides are on other results of a model than what it says now, and on none of these.
    func outdated(_ model: String, _ calls: [SlideID: ModelCall]) -> Int {
        let now = after(calls)
        return chosen { said in said.last { $0.kind == .opinion && $0.seen?.model == model && $0.seen?.digest != nil } }
            .reduce(0) { count, entry in count + entry.value.keys.count { now[entry.key]?[$0] == nil } }
    }

    /// - Parameter choice: of all that one reader said of one slide.
    private func chosen(_ choice: ([ReaderOpinion]) -> ReaderOpinion?) -> Chosen {
        bySlide.mapValues { said in Dictionary(grouping: said, by: \.reader).compactMapValues(choice) }
            .filter { !$0.value.isEmpty }
    }
}

extension ReaderOpinion {
    fileprivate func isOn(_ call: ModelCall?) -> Bool {
        call.map { seen?.model == $0.model && seen?.digest == $0.digest } ?? false
    }
}
