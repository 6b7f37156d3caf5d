public import Records

/// A slide on which the readers' latest opinions differ.
public struct Dispute: Encodable, Equatable, Sendable {
    public struct Opinion: Encodable, Equatable, Sendable {
        public let reader: String
        /// A class, `unsure`, or `other than` a class.
        public let said: String
        public let time: String
    }

    public let slide: SlideID
    public let caseID: String?
    /// By reader.
    public let opinions: [Opinion]
    /// After the last of these opinions.
    let isAdjudicated: Bool

    enum CodingKeys: String, CodingKey {
        case slide, opinions
        case caseID = "case_id"
    }

    /// In the order of the slides. Verdicts on a result that is not known any more say too little to differ.
    static func all(_ opinions: ReaderOpinions, _ caseIDs: [SlideID: String]) -> [Dispute] {
        opinions.bySlide.sorted { $0.key < $1.key }.compactMap { slide, said in
            var latest: [String: Int] = [:]
            for (place, one) in said.enumerated() where one.kind == .opinion { latest[one.reader] = place }
            let counted = latest.filter { said[$0.value].standpoint != .unknown }
            guard Set(counted.values.map { said[$0].standpoint }).count > 1, let last = counted.values.max() else {
                return nil
            }
            return Dispute(
                slide: slide,
                caseID: caseIDs[slide],
                opinions: counted.sorted { $0.key < $1.key }.map { reader, place in
                    Opinion(reader: reader, said: said[place].standpoint.words, time: said[place].time)
                },
                isAdjudicated: said[last...].contains { $0.kind == .adjudication }
            )
        }
    }
}
