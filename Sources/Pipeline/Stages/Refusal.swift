import Foundation
import Records
import Storage

/// Why a stage does not use what an earlier one has left for a unit.
struct Refusal: Equatable, Sendable {
    enum Cause: Equatable, Sendable {
        /// A file is not as it was recorded.
        case damage
        /// The right to read a file is missing.
        case access
        /// It follows from what is no more.
        case age
    }

    var unit: UnitID
    var cause: Cause
    var reason: String
    /// What to do, such as `run wsi predict JOB --model m`.
    var remedy: String

    var failure: Failure { Failure(code, unit.text, "\(reason); \(remedy)") }

    private var code: ErrorCode {
        switch cause {
        case .damage: .digest
        case .access: .access
        case .age: .fingerprint
        }
    }

    /// One failure for all units of a reason, in the order of the first of each.
    static func failures(_ refusals: [Refusal]) -> [Failure] {
        var order: [Refusal] = []
        var others: [String: [String]] = [:]
        for refusal in refusals {
            let key = "\(refusal.cause) \(refusal.reason); \(refusal.remedy)"
            if others[key]?.append(refusal.unit.text) == nil {
                others[key] = []
                order.append(refusal)
            }
        }
        return order.map { first in
            let more = others["\(first.cause) \(first.reason); \(first.remedy)"] ?? []
            let rest = more.isEmpty ? "" : " (so are \(more.count) more: \(more.shortened))"
            return Failure(first.code, first.unit.text, "\(first.reason)\(rest); \(first.remedy)")
        }
    }

    /// All of them as one failure; nil where there is none.
    static func failure(_ refusals: [Refusal]) -> Failure? {
        let all = failures(refusals)
        guard var first = all.first else { return nil }
        if all.count > 1 {
            let rest = all.dropFirst().compactMap(\.subject).shortened
            first.message += " (the first of \(all.count) such findings; others: \(rest))"
        }
        return first
    }
}

extension Outcome {
    /// Whether another stage may read these outputs.
    /// - Parameter command: what makes them again; nil what does of the stage.
    /// - Returns: nil where they are as they were written.
    func refusal(
        in layout: JobLayout,
        _ scrutiny: Scrutiny = .digest,
        of isRead: (String) -> Bool = { _ in true },
        command: () throws -> String? = { nil }
    ) throws -> Refusal? {
        guard let damage = try damage(in: layout, scrutiny, of: isRead) else { return nil }
        let isHidden = damage.code == .access
        let own = isHidden ? nil : try command().map { "run \($0)\(damage.redo)" }
        return Refusal(
            unit: unit,
            cause: isHidden ? .access : .damage,
            reason: damage.text,
            remedy: own ?? remedy(for: damage, in: layout)
        )
    }
}
