/* SPDX-License-Identifier: Apache-2.0 */
/* What is claimed by whoever gives such a signature, in words. */
#ifndef REPORT_CLAIMS_H
#define REPORT_CLAIMS_H

/* Told of each claim that a finding of this signature may be about. */
typedef void claims_fn(void *context, const char *claim);
void claims_of(const char *signature, claims_fn *tell, void *context);

#endif
