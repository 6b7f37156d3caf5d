public import Messages
public import Records

/// What `wsi doctor` tells of an installation and its machine.
public struct DoctorReport: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable { case ok, warn, fail }

    public struct Line: Codable, Equatable, Sendable {
        public var verdict: Verdict
        /// What was looked at, in a word or two.
        public var subject: String
        public var text: String
        /// What to do; nil where all is well.
        public var fix: String?
        /// Whether a failure is the machine's, which may pass, not the installation's.
        public var isOfMachine: Bool

        init(_ verdict: Verdict, _ subject: String, _ text: String, fix: String? = nil, isOfMachine: Bool = false) {
            (self.verdict, self.subject, self.text, self.fix) = (verdict, subject, text, fix)
            self.isOfMachine = isOfMachine
        }

        public static func ok(_ subject: String, _ text: String) -> Line { Line(.ok, subject, text) }

        public static func warn(_ subject: String, _ text: String, fix: String) -> Line {
            Line(.warn, subject, text, fix: fix)
        }

        public static func fail(_ subject: String, _ text: String, fix: String) -> Line {
            Line(.fail, subject, text, fix: fix)
        }

        /// Of a fault of the machine, which another try may find gone.
        public static func down(_ subject: String, _ text: String, fix: String) -> Line {
            Line(.fail, subject, text, fix: fix, isOfMachine: true)
        }

        enum CodingKeys: String, CodingKey {
            case verdict, subject, text, fix
            case isOfMachine = "of_machine"
        }
    }

    public var lines: [Line]
    /// NVIDIA's driver and its GPUs; nil where `wsi-compute` did not tell.
    public var driver: DriverFacts?
    /// What the processor and each GPU made of products whose numbers are known.
    public var devices: [DeviceCheck] = []

    public init(lines: [Line]) { self.lines = lines }

    /// 0 without a failure; 2 for what a person has to mend, else 75.
    public var exitStatus: ExitStatus {
        let failures = lines.filter { $0.verdict == .fail }
        if failures.isEmpty { return .ok }
        return failures.allSatisfy(\.isOfMachine) ? .temporary : .usage
    }

    public func count(_ verdict: Verdict) -> Int { lines.count { $0.verdict == verdict } }

    /// The first of these programs that stands on the path.
    public static func program(_ names: [String]) -> String? { DoctorProgram.find(names) }
}
