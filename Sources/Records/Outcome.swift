/// What became of one slide in one stage; written to `JOB/outcomes/<stage>/ID.json`.
public struct Outcome: Codable, Equatable, Sendable {
    public enum Status: String, Codable, Sendable { case ok, empty, failed, refused }

    public var slide: SlideID
    public var stage: String
    public var status: Status
    /// Set where `status` is `failed` or `refused`.
    public var failure: Failure?
    /// SHA-256 over the canonical JSON of everything that determines the output.
    public var fingerprint: String
    /// Named counts: patches, unreadable patches and the like.
    public var counts: [String: Int]
    /// Named facts for people: why a slide is empty, its µm per pixel.
    public var facts: [String: String]
    /// SHA-256 of each output, by its path relative to the job.
    public var outputs: [String: String]

    public init(
        slide: SlideID, stage: String, status: Status, failure: Failure? = nil, fingerprint: String,
        counts: [String: Int] = [:], facts: [String: String] = [:], outputs: [String: String] = [:]
    ) {
        self.slide = slide
        self.stage = stage
        self.status = status
        self.failure = failure
        self.fingerprint = fingerprint
        self.counts = counts
        self.facts = facts
        self.outputs = outputs
    }
}
