/// What became of one unit, a slide or a fold, in one stage; written to `JOB/outcomes/<stage>/ID.json`.
public struct Outcome: Codable, Equatable, Sendable {
    public enum Status: String, Codable, Sendable { case ok, empty, failed, refused }

    public var unit: UnitID
    public var stage: StageName
    public var status: Status
    /// Set where `status` is `failed` or `refused`.
    public var failure: Failure?
    public var fingerprint: Fingerprint
    /// Named numbers: patches, unreadable patches, tissue in µm² and the like.
    public var figures: [String: Double]
    /// Named facts: why a slide is empty, its µm per pixel, the folder of its grid.
    public var facts: [String: String]
    /// Why a unit is empty; nil where it is not, or where only the stages before know.
    public var emptyReason: String? {
        get { self[.reason] }
        set { self[.reason] = newValue }
    }

    /// Quick digest of each output, by its path relative to the job.
    public var outputs: [String: String]
    /// Of what is drawn: the share of the slide's tissue that no patch covers, 0 to 1; nil where its tissue is not known.
    public var unexamined: Double?
    /// Bytes of each output, by the same paths; nil in outcomes of earlier versions.
    public var sizes: [String: Int]?
    /// Of a prediction: in what its features differ from those of the training; nil where they do not.
    public var accepted: [Mismatch]?
    /// What a person should know of the slide although its work went well: levels that were ignored, regions off the slide.
    public var notes: [String]?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case unit, stage, status, failure, fingerprint, figures, facts, outputs, unexamined, sizes, accepted, notes
    }

    public init(
        unit: UnitID,
        stage: StageName,
        status: Status,
        failure: Failure? = nil,
        fingerprint: Fingerprint,
        figures: [String: Double] = [:],
        facts: [String: String] = [:],
        outputs: [String: String] = [:]
    ) {
        self.unit = unit
        self.stage = stage
        self.status = status
        self.failure = failure
        self.fingerprint = fingerprint
        self.figures = figures
        self.facts = facts
        self.outputs = outputs
    }
}

extension Outcome {
    /// The same outcome, with the texts that it has in common with `other` held once.
    ///
    /// Thousands of outcomes are kept until a stage ends. Each comes from a process of its own, with copies of the parameters
    /// that are those of all.
    public func sharing(with other: Outcome) -> Outcome {
        var shared = self
        if fingerprint.parameters == other.fingerprint.parameters {
            shared.fingerprint.parameters = other.fingerprint.parameters
        }
        if let sizes, sizes.count == outputs.count {
            // The names of files are long; those of `outputs` serve for both.
            let own = outputs.keys.compactMap { name in sizes[name].map { (name, $0) } }
            if own.count == sizes.count { shared.sizes = Dictionary(uniqueKeysWithValues: own) }
        }
        return shared
    }
}
