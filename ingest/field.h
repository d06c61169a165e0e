#ifndef QIPU_INGEST_FIELD_H_
#define QIPU_INGEST_FIELD_H_

#include <optional>
#include <string>
#include <string_view>

#include "graph/value.h"
#include "ingest/clean/clean.h"
#include "ingest/mapping.h"
#include "ingest/read/reader.h"

namespace qipu::ingest {

/// What one field of a record says, read by its column. Empty when the field is null.
struct Field {
  std::string_view text;         ///< of a string; a part of the record or of the mapping
  graph::Value value;            ///< of a number, date or list
  std::optional<Amount> amount;  ///< without a currency: only `stated` counts
  std::string key;               ///< of an identifier that a scheme accepts, `scheme:value`
  std::string unverified;        ///< of one that none accepts, as given
  std::string_view reason;       ///< why none accepts it
  std::string region;            ///< region code inside an identifier

  bool present() const {
    return !text.empty() || !value.is_null() || amount || !key.empty() || !unverified.empty();
  }
};

/// Reads `text`, which must outlive the field's use, as `column` says into `field`, which is
/// emptied first. A fault is what on_error decides about; the field then still holds what could be
/// kept (an amount that states a number its text).
std::optional<Fault> ReadField(const Column& column, std::string_view text, Field& field);

/// The part of a field as a property value; null when it isn't there.
graph::Value ValueOf(const Field& field, const FieldRef& ref);

/// `decimal` x `factor`, an integer when whole. Null when it doesn't fit.
std::optional<graph::Value> ScaledNumber(const Decimal& decimal, int64_t factor);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_FIELD_H_
